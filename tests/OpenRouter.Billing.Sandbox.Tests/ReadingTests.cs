using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Models, generations, activity, and the record of requests.</summary>
public sealed class ReadingTests
{
    private static readonly DateOnly Yesterday = new(2026, 10, 13);

    [Fact]
    public async Task Get_BesideTheBaseAddress_IsNotFound()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", sandbox.ApiKey);

        using var answer = await http.GetAsync(new Uri(sandbox.BaseAddress, "/key"), TestContext.Current.CancellationToken);

        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Models_WithoutKey_ListsPricesAsStrings()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply reply = await fixture.SendAsync(HttpMethod.Get, "models", null, null);

        JsonArray models = reply.Data.AsArray();
        JsonNode mini = models.Single(model => (string?)model!["id"] == SandboxFixture.Paid)!;
        Assert.Equal(("0.00000015", "0.0000006"), ((string?)mini["pricing"]!["prompt"], (string?)mini["pricing"]!["completion"]));
        Assert.Equal((128_000, 16_384), ((int)mini["context_length"]!, (int)mini["top_provider"]!["max_completion_tokens"]!));
        Assert.Equal("-1", (string?)models.Single(model => (string?)model!["id"] == "openrouter/auto")!["pricing"]!["prompt"]);
        JsonNode tiered = models.Single(model => model!["pricing"]!["overrides"] is not null)!;
        Assert.Equal((272_000, "0.0000002"), ((int)tiered["pricing"]!["overrides"]![0]!["min_prompt_tokens"]!, (string?)tiered["pricing"]!["overrides"]![0]!["prompt"]));
        Assert.Equal(models.Count, (int)reply.Json["total_count"]!);
        Assert.True(Reply.IsNull(reply.Json["links"]!, "next"));
    }

    [Fact]
    public async Task Models_Paged_LinksToTheNextPage()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Reply page = await fixture.GetAsync("models?offset=2&limit=3");
        Reply wrong = await fixture.GetAsync("models?limit=0");

        Assert.Equal(3, page.Data.AsArray().Count);
        Assert.Equal("/api/v1/models?offset=5&limit=3", (string?)page.Json["links"]!["next"]);
        Assert.Equal(400, wrong.Status);
    }

    [Fact]
    public async Task Endpoints_OfAModel_AreItsProvidersAtTheirOwnPrices()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.Models.Add(Offered));

        Reply reply = await fixture.SendAsync(HttpMethod.Get, "models/lab/offered:thinking/endpoints", null, null);

        Assert.Equal("lab/offered:thinking", (string?)reply.Data["id"]);
        JsonArray endpoints = reply.Data["endpoints"]!.AsArray();
        Assert.Equal(["Lab", "Dear", "Long"], endpoints.Select(endpoint => (string?)endpoint!["provider_name"]));
        Assert.Equal(["Lab", "dear/priority", "Long"], endpoints.Select(endpoint => (string?)endpoint!["tag"]));
        Assert.Equal(["0.000001", "0.000004", "0.000001"], endpoints.Select(endpoint => (string?)endpoint!["pricing"]!["prompt"]));
        Assert.Equal([8_000, 8_000, 32_000], endpoints.Select(endpoint => (int)endpoint!["context_length"]!));
        Assert.Equal([0, -2, 0], endpoints.Select(endpoint => (int)endpoint!["status"]!));
        Assert.Equal(100, (int)endpoints[2]!["max_completion_tokens"]!);
    }

    [Fact]
    public async Task Endpoints_AsTheListLinksToThem_AreThere()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        foreach (JsonNode? model in (await fixture.GetAsync("models")).Data.AsArray())
        {
            string link = (string)model!["links"]!["details"]!;
            Reply reply = await fixture.GetAsync(link.Replace("/api/v1/", "", StringComparison.Ordinal));

            Assert.Equal((200, (string?)model["canonical_slug"]), (reply.Status, (string?)reply.Data["endpoints"]![0]!["model_id"]));
        }
    }

    [Theory]
    [InlineData("models/nobody/nothing/endpoints")]
    [InlineData("models/endpoints")]
    [InlineData("models//endpoints")]
    [InlineData("models/openai/gpt-4o-mini")]
    public async Task Endpoints_OfNoModel_AreNotFound(string path)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Equal(404, (await fixture.GetAsync(path)).Status);
    }

    [Theory]
    [InlineData(false, "Lab", 0.0000150)]
    [InlineData(true, "Dear", 0.0010600)]
    public async Task Chat_OfAModelWithSeveralProviders_IsBilledByWhoeverServes(bool dearest, string provider, double cost)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options =>
        {
            options.Models.Add(Offered);
            options.ServeByDearestProvider = dearest;
        });

        Reply reply = await fixture.PostAsync("""{"model":"lab/offered:thinking","max_tokens":10,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.Equal((provider, (decimal)cost), ((string?)reply.Json["provider"], (decimal)reply.Json["usage"]!["cost"]!));
        Assert.Equal((decimal)cost, fixture.Sandbox.Account.TotalUsage);
    }

    private static SandboxModel Offered => new()
    {
        Id = "lab/offered:thinking",
        Provider = "Lab",
        PromptPrice = 0.000001m,
        CompletionPrice = 0.000001m,
        ContextLength = 8_000,
        OtherProviders =
        [
            new() { Name = "Dear", Tag = "dear/priority", PromptPrice = 0.000004m, CompletionPrice = 0.000004m, RequestPrice = 0.001m, Status = -2 },
            new() { Name = "Long", PromptPrice = 0.000001m, CompletionPrice = 0.000001m, ContextLength = 32_000, MaxCompletionTokens = 100 },
        ],
    };

    [Fact]
    public async Task Generation_TooEarly_Is404ThenTheRecord()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string id = (await fixture.PostAsync(SandboxFixture.Chat())).Headers["X-Generation-Id"];

        Reply early = await fixture.GetAsync("generation?id=" + id);
        fixture.Clock.Advance(TimeSpan.FromSeconds(3));
        Reply late = await fixture.GetAsync("generation?id=" + id);

        Assert.Equal((404, $"Generation {id} not found"), (early.Status, early.Message));
        Assert.Equal(0.0000105m, Reply.Money(late.Data["total_cost"]));
        Assert.Equal((6, 16), ((int)late.Data["native_tokens_prompt"]!, (int)late.Data["tokens_completion"]!));
        Assert.Equal("2026-10-14T09:30:15.000000+00:00", (string?)late.Data["created_at"]);
        Assert.Equal(45, late.Data.AsObject().Count);
    }

    [Fact]
    public async Task Generation_OfAnotherAccount_Is404()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.GenerationDelay = TimeSpan.Zero);
        string id = (await fixture.PostAsync(SandboxFixture.Chat())).Headers["X-Generation-Id"];
        SandboxKey stranger = fixture.Sandbox.CreateAccount().CreateKey();

        Assert.Equal(404, (await fixture.GetAsync("generation?id=" + id, stranger.Secret)).Status);
        Assert.Equal(200, (await fixture.GetAsync("generation?id=" + id)).Status);
        Assert.Equal(400, (await fixture.GetAsync("generation")).Status);
    }

    [Fact]
    public async Task Activity_OfToday_ShowsFromTomorrowFor30Days()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        await fixture.PostAsync(SandboxFixture.Chat());
        await fixture.PostAsync(SandboxFixture.Chat());

        Reply today = await fixture.ManageAsync("activity");
        fixture.Clock.Advance(TimeSpan.FromDays(1));
        Reply tomorrow = await fixture.ManageAsync("activity");
        fixture.Clock.Advance(TimeSpan.FromDays(30));
        Reply later = await fixture.ManageAsync("activity");

        Assert.Empty(today.Data.AsArray());
        JsonNode row = Assert.Single(tomorrow.Data.AsArray())!;
        Assert.Equal(("2026-10-14", SandboxFixture.Paid, 2), ((string)row["date"]!, (string)row["model"]!, (int)row["requests"]!));
        Assert.Equal((12, 32, 0.000021m), ((int)row["prompt_tokens"]!, (int)row["completion_tokens"]!, Reply.Money(row["usage"])));
        Assert.True(Guid.TryParse((string?)row["endpoint_id"], out _));
        Assert.False(row.AsObject().ContainsKey("workspace_id"));
        Assert.Empty(later.Data.AsArray());
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("?date=2026-10-12", 1)]
    [InlineData("?api_key_hash=abc", 1)]
    [InlineData("?user_id=user_ann", 1)]
    [InlineData("?workspace_id=w-2", 1)]
    [InlineData("?group_by=workspace", 4)]
    public async Task Activity_WithFilter_ReturnsMatchingRows(string query, int rows)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/one", Usage = 1m, KeyHash = "abc" });
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/one", Usage = 2m, WorkspaceId = "w-2" });
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/two", Usage = 4m, UserId = "user_ann" });
        fixture.Account.SeedActivity(new SandboxActivity { Date = new DateOnly(2026, 10, 12), Model = "a/one", Usage = 8m });

        Reply reply = await fixture.ManageAsync("activity" + query);

        Assert.Equal(rows, reply.Data.AsArray().Count);
        Assert.Equal(query.Contains("group_by", StringComparison.Ordinal), reply.Data[0]!.AsObject().ContainsKey("workspace_id"));
        if (query.Length == 0)
        {
            Assert.Equal(3m, Reply.Money(reply.Data[0]!["usage"]));
        }
    }

    [Theory]
    [InlineData("?date=yesterday", 400)]
    [InlineData("?date=2026-10-14", 400)]
    [InlineData("?date=2026-09-13", 400)]
    [InlineData("?group_by=model", 400)]
    [InlineData("?workspace_id=nowhere", 404)]
    public async Task Activity_WithBadParameter_IsRefused(string query, int status)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Equal(status, (await fixture.ManageAsync("activity" + query)).Status);
    }

    [Fact]
    public async Task SeedHistory_ThirtyDays_IsTheSameTwiceAndCostsNothing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        await using SandboxFixture twin = await SandboxFixture.StartAsync();
        fixture.Account.SeedHistory(2m);
        twin.Account.SeedHistory(2m);

        Reply reply = await fixture.ManageAsync("activity");

        JsonArray rows = reply.Data.AsArray();
        Assert.Equal(reply.Body, (await twin.ManageAsync("activity")).Body);
        Assert.Equal((30, 4), (rows.Select(row => (string)row!["date"]!).Distinct().Count(), rows.Select(row => (string)row!["model"]!).Distinct().Count()));
        Assert.InRange(rows.Sum(row => Reply.Money(row!["usage"])), 45m, 90m);
        Assert.Equal(10m, fixture.Account.Balance);
    }

    [Fact]
    public async Task Requests_AfterSome_KnowsRoutesBodiesAndConnections()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.RecordedRequests = 2);
        int before = fixture.Sandbox.Requests.Connections;
        await fixture.GetAsync("key");
        await fixture.GetAsync("generation/?id=x");
        await fixture.PostAsync(SandboxFixture.Chat());

        SandboxRequests requests = fixture.Sandbox.Requests;
        Assert.Equal((0, 1), (before, requests.Connections));
        Assert.Equal((3, 1, 0), (requests.Total, requests.Count("GET /key"), requests.Count("GET /credits")));
        Assert.Equal(["GET /generation", "POST /chat/completions"], requests.Latest.Select(request => request.Route));
        Assert.Equal("?id=x", requests.Latest[0].Query);
        Assert.Equal(SandboxFixture.Chat(), requests.Latest[1].Body);
        Assert.Equal(fixture.Account.Keys[0].Hash, requests.Latest[1].KeyHash);
    }

    [Fact]
    public async Task Start_OnPortInUse_ThrowsIOException()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        await Assert.ThrowsAsync<IOException>(() => OpenRouterSandbox.StartAsync(options => options.Port = fixture.Sandbox.BaseAddress.Port, SandboxFixture.Cancelled));
    }

    [Fact]
    public async Task Start_WithBadOptions_Throws()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => OpenRouterSandbox.StartAsync(options => options.Port = 70_000, SandboxFixture.Cancelled));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => OpenRouterSandbox.StartAsync(options => options.InFlightShare = 1.5m, SandboxFixture.Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => OpenRouterSandbox.StartAsync(options => options.Models.Add(options.Models[0]), SandboxFixture.Cancelled));
    }

    [Fact]
    public async Task Start_WithKeys_UsesThem()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => (options.ApiKey, options.ManagementKey) = ("one", "two"));

        Assert.Equal(200, (await fixture.GetAsync("key", "one")).Status);
        Assert.Equal(200, (await fixture.GetAsync("credits", "two")).Status);
        Assert.Equal("Wed, 14 Oct 2026 09:30:15 GMT", (await fixture.GetAsync("key", "one")).Headers["Date"]);
        Assert.EndsWith("/api/v1/", fixture.Sandbox.BaseAddress.AbsoluteUri, StringComparison.Ordinal);
    }
}
