using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class AnalyticsTests
{
    private static readonly DateOnly Yesterday = new(2026, 10, 13);

    [Theory]
    [InlineData("GET", "analytics/meta", null)]
    [InlineData("POST", "analytics/query", """{"metrics":["request_count"]}""")]
    public async Task Analytics_WithoutManagementKey_Is401WithoutAnyAnd403WithAnother(string method, string path, string? body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Equal(401, (await fixture.SendAsync(new HttpMethod(method), path, null, body)).Status);
        Assert.Equal(401, (await fixture.SendAsync(new HttpMethod(method), path, "sk-or-v1-nobody", body)).Status);
        Reply ordinary = await fixture.SendAsync(new HttpMethod(method), path, fixture.Sandbox.ApiKey, body);
        Assert.Equal((403, "Only management keys can perform this operation"), (ordinary.Status, ordinary.Message));
        Assert.Equal(200, (await fixture.SendAsync(new HttpMethod(method), path, fixture.Sandbox.ManagementKey, body)).Status);
        Assert.Equal(404, (await fixture.ManageAsync("analytics/nowhere")).Status);
    }

    [Fact]
    public async Task Meta_EveryNameOfIt_IsAcceptedByAQuery()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        JsonNode meta = (await fixture.ManageAsync("analytics/meta")).Data;

        Assert.Equal(["metrics", "dimensions", "operators", "granularities"], meta.AsObject().Select(list => list.Key));
        foreach (string metric in Names(meta, "metrics"))
        {
            Assert.Equal(200, (await QueryAsync(fixture, $$$"""{"metrics":["{{{metric}}}"],"order_by":{"field":"{{{metric}}}","direction":"asc"}}""")).Status);
        }

        foreach (string dimension in Names(meta, "dimensions"))
        {
            Assert.Equal(200, (await QueryAsync(fixture, $$"""{"metrics":["request_count"],"dimensions":["{{dimension}}"],"filters":[{"field":"{{dimension}}","operator":"neq","value":"x"}]}""")).Status);
        }

        foreach (JsonNode? each in meta["operators"]!.AsArray())
        {
            string value = (string?)each!["value_type"] == "array" ? "[\"x\"]" : "\"x\"";
            Assert.Equal(200, (await QueryAsync(fixture, $$"""{"metrics":["request_count"],"filters":[{"field":"model","operator":"{{each["name"]}}","value":{{value}}}]}""")).Status);
        }

        foreach (string granularity in Names(meta, "granularities"))
        {
            Assert.Equal(200, (await QueryAsync(fixture, $$"""{"metrics":["request_count"],"granularity":"{{granularity}}"}""")).Status);
        }
    }

    [Fact]
    public async Task Query_OfAnsweredRequests_AddsUpToTheBill()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        await fixture.PostAsync(SandboxFixture.Chat());
        fixture.Clock.Advance(TimeSpan.FromMinutes(5));
        await fixture.PostAsync(SandboxFixture.Chat(SandboxFixture.Free));
        SandboxKey other = fixture.Account.CreateKey(new SandboxKeyOptions { Name = "CI", CreatorUserId = "user_ann" });
        await fixture.PostAsync(SandboxFixture.Chat(), other.Secret);

        Reply whole = await QueryAsync(fixture, """{"metrics":["request_count","total_usage","tokens_prompt","tokens_completion","tokens_total","cache_hit_rate"]}""");
        Reply byKey = await QueryAsync(fixture, """{"metrics":["total_usage"],"dimensions":["api_key_id","user"],"order_by":{"field":"total_usage","direction":"desc"}}""");
        Reply byMinute = await QueryAsync(fixture, """{"metrics":["request_count"],"granularity":"minute"}""");

        JsonNode row = Assert.Single(Rows(whole))!;
        Assert.Equal("""{"request_count":"3","total_usage":0.000021,"tokens_prompt":"18","tokens_completion":"48","tokens_total":"66","cache_hit_rate":0}""", row.ToJsonString());
        Assert.Equal(fixture.Account.TotalUsage, Reply.Money(row["total_usage"]));
        Assert.Equal(2, Rows(byKey).Count);
        Assert.Equal<string>(new HashSet<string> { fixture.Account.UserId, "user_ann" }, Rows(byKey).Select(each => (string)each!["user"]!).ToHashSet());
        Assert.Contains(Rows(byKey), each => (string?)each!["api_key_id"] == "CI" && Reply.IsNull(each, "user_email"));
        Assert.Equal([("2026-10-14T09:30:00.000Z", "1"), ("2026-10-14T09:35:00.000Z", "2")], Rows(byMinute).Select(each => ((string)each!["date__minute"]!, (string)each["request_count"]!)));
        Assert.False((bool)whole.Data["metadata"]!["truncated"]!);
    }

    [Theory]
    [InlineData("day", "2026-10-13T00:00:00.000Z")]
    [InlineData("week", "2026-10-11T00:00:00.000Z")]
    [InlineData("month", "2026-10-01T00:00:00.000Z")]
    [InlineData("hour", "2026-10-13T00:00:00.000Z")]
    public async Task Query_OfSeededDays_IsPutIntoSteps(string granularity, string start)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/one", Usage = 1m });

        Reply reply = await QueryAsync(fixture, $$"""{"metrics":["total_usage"],"granularity":"{{granularity}}"}""");

        Assert.Equal(start, (string?)Assert.Single(Rows(reply))!["date__" + granularity]);
    }

    [Fact]
    public async Task Query_WithLimits_SaysThatRowsAreMissing()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.SeedHistory(2m, days: 10);
        const string Start = """{"metrics":["total_usage"],"dimensions":["model"],"granularity":"day" """;

        Reply whole = await QueryAsync(fixture, Start + "}");
        Reply limited = await QueryAsync(fixture, Start + ""","limit":7}""");
        Reply grouped = await QueryAsync(fixture, Start + ""","group_limit":2}""");
        Reply exact = await QueryAsync(fixture, Start + ""","limit":40,"group_limit":10}""");

        Assert.Equal([(40, false), (7, true), (8, true), (40, false)], new[] { whole, limited, grouped, exact }.Select(reply => (Rows(reply).Count, (bool)reply.Data["metadata"]!["truncated"]!)));
        Assert.All(new[] { whole, limited, grouped }, reply => Assert.Equal(Rows(reply).Count, (int)reply.Data["metadata"]!["row_count"]!));
        Assert.Equal(Rows(whole).Take(7).Select(row => row!.ToJsonString()), Rows(limited).Select(row => row!.ToJsonString()));
    }

    [Fact]
    public async Task Query_MoreThanAThousandRows_IsCutAtTheDefault()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        for (int i = 0; i < 1001; i++)
        {
            fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = $"a/m{i}", Usage = 1m });
        }

        Reply reply = await QueryAsync(fixture, """{"metrics":["total_usage"],"dimensions":["model"]}""");

        Assert.Equal((1000, true), (Rows(reply).Count, (bool)reply.Data["metadata"]!["truncated"]!));
    }

    [Theory]
    [InlineData("""{"field":"model","operator":"eq","value":"a/one"}""", 1)]
    [InlineData("""{"field":"model","operator":"neq","value":"a/one"}""", 6)]
    [InlineData("""{"field":"model","operator":"in","value":["a/one","a/two"]}""", 3)]
    [InlineData("""{"field":"model","operator":"not_in","value":["a/one","a/two"]}""", 4)]
    [InlineData("""{"field":"model","operator":"gt","value":"a/one"}""", 6)]
    [InlineData("""{"field":"model","operator":"lte","value":"a/one"}""", 1)]
    [InlineData("""{"field":"user","operator":"eq","value":"user_ann"}""", 2)]
    [InlineData("""{"field":"workspace","operator":"eq","value":"w-2"}""", 4)]
    [InlineData("""{"field":"api_key_id","operator":"eq","value":"abc"}""", 1)]
    [InlineData("""{"field":"api_key_id","operator":"in","value":["abc"]}""", 1)]
    [InlineData("""{"field":"api_key_id","operator":"in","value":["abc"],"include_unset":true}""", 7)]
    [InlineData("""{"field":"api_key_id","operator":"not_in","value":["abc"]}""", 0)]
    public async Task Query_WithFilter_AddsUpWhatItKeeps(string filter, int usage)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/one", Usage = 1m, KeyHash = "abc" });
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/two", Usage = 2m, UserId = "user_ann" });
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "b/three", Usage = 4m, WorkspaceId = "w-2" });

        Reply reply = await QueryAsync(fixture, $$"""{"metrics":["total_usage"],"filters":[{{filter}}]}""");

        Assert.Equal(usage, Reply.Money(Assert.Single(Rows(reply))!["total_usage"]));
        // No key of the account has that hash: the query runs, and says so.
        Assert.Equal(filter.Contains("abc", StringComparison.Ordinal), reply.Data["warnings"] is JsonArray { Count: 1 });
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"metrics":[]}""")]
    [InlineData("""{"metrics":["no_such_metric"]}""")]
    [InlineData("""{"metrics":["request_count"],"dimensions":["model","user","workspace"]}""")]
    [InlineData("""{"metrics":["request_count"],"dimensions":["weather"]}""")]
    [InlineData("""{"metrics":["request_count"],"granularity":"decade"}""")]
    [InlineData("""{"metrics":["request_count"],"limit":0}""")]
    [InlineData("""{"metrics":["request_count"],"limit":1.5}""")]
    [InlineData("""{"metrics":["request_count"],"dimensions":["model"],"group_limit":0}""")]
    [InlineData("""{"metrics":["request_count"],"order_by":{"field":"total_usage","direction":"asc"}}""")]
    [InlineData("""{"metrics":["request_count"],"order_by":{"field":"date","direction":"up"}}""")]
    [InlineData("""{"metrics":["request_count"],"time_range":{"start":"2026-10-01T00:00Z","end":"2026-10-02T00:00Z"}}""")]
    [InlineData("""{"metrics":["request_count"],"time_range":{"start":"2026-10-02T00:00:00Z","end":"2026-10-01T00:00:00Z"}}""")]
    [InlineData("""{"metrics":["request_count"],"time_range":{"start":"2026-10-02T00:00:00Z"}}""")]
    [InlineData("""{"metrics":["request_count"],"dimensions":["generation_id"],"time_range":{"start":"2026-08-01T00:00:00Z","end":"2026-10-01T00:00:00Z"}}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"weather","operator":"eq","value":"x"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","operator":"like","value":"x"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq","value":["x"]}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","operator":"in","value":"x"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","operator":"eq","value":"\ud800"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[{"field":"model","field":"user","operator":"eq","value":"x"}]}""")]
    [InlineData("""{"metrics":["request_count"],"filters":[null]}""")]
    [InlineData("""{"metrics":["request_count"],"classifier_dimensions":{"classifier_id":"550e8400-e29b-41d4-a716-446655440000"}}""")]
    public async Task Query_ThatTheRealServiceRefuses_Is400(string body)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();

        Assert.Equal(400, (await QueryAsync(fixture, body)).Status);
    }

    [Theory]
    [InlineData(20, 200)]
    [InlineData(21, 400)]
    public async Task Query_WithManyFilters_IsRefusedFrom21On(int filters, int status)
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        string all = string.Join(',', Enumerable.Repeat("""{"field":"model","operator":"neq","value":"x"}""", filters));

        Assert.Equal(status, (await QueryAsync(fixture, $$"""{"metrics":["request_count"],"filters":[{{all}}]}""")).Status);
    }

    [Fact]
    public async Task Query_OfARange_TakesItsStartAndLeavesItsEnd()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday, Model = "a/one", Usage = 1m });
        fixture.Account.SeedActivity(new SandboxActivity { Date = Yesterday.AddDays(-1), Model = "a/one", Usage = 2m });

        Reply reply = await QueryAsync(fixture, """{"metrics":["total_usage"],"time_range":{"start":"2026-10-12T00:00:00Z","end":"2026-10-13T00:00:00Z"}}""");

        Assert.Equal(2m, Reply.Money(Assert.Single(Rows(reply))!["total_usage"]));
    }

    [Fact]
    public async Task Query_OfOneAccount_ShowsNothingOfAnother()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync();
        SandboxAccount other = fixture.Sandbox.CreateAccount();
        await fixture.PostAsync(SandboxFixture.Chat());
        string key = other.CreateKey(new SandboxKeyOptions { IsManagementKey = true }).Secret;

        Reply reply = await fixture.PostAsync("""{"metrics":["request_count","total_usage","cache_hit_rate"]}""", key, "analytics/query");

        Assert.Equal("""{"request_count":"0","total_usage":0,"cache_hit_rate":null}""", Assert.Single(Rows(reply))!.ToJsonString());
    }

    private static Task<Reply> QueryAsync(SandboxFixture fixture, string body) => fixture.PostAsync(body, fixture.Sandbox.ManagementKey, "analytics/query");

    private static JsonArray Rows(Reply reply) => reply.Data["data"]!.AsArray();

    private static IEnumerable<string> Names(JsonNode meta, string list) => meta[list]!.AsArray().Select(each => (string)each!["name"]!);
}
