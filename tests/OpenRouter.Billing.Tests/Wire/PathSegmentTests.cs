namespace OpenRouter.Billing.Tests.Wire;

/// <summary>What callers pass as an identifier never leads a call, and the key with it, to another path.</summary>
public sealed class PathSegmentTests
{
    private const string Pasted = TestData.ApiKey;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string> Odd =>
    [
        "%2e", "%2e%2e", "%2E%2e%2fkeys", "%00", "a/b", "../keys", "..\\keys", "a?b=c", "a#b", "a&b=c", "a;b", "a b", "a+b", "ключ", "🚀", "\u0000", "a\nb", "\r\nX: y", "\u202e", "\ud800", "...", ". ", "．．",
        "//evil.example", "https://evil.example", "@evil.example", ":80", new string('x', 512), new string('/', 150),
    ];

    public static TheoryData<string> Impossible => ["", " ", "\t\n", ".", "..", new string('x', 513), new string('%', 100_000), TestData.ApiKey];

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task AnyId_WhateverItHolds_StaysOneSegmentBelowItsPlace(string id)
    {
        var sent = new List<Uri>();
        var client = new OpenRouterBillingClient(new HttpClient(new Recorder(sent)), TestData.Options(options => options.MaxRetries = 0));
        foreach (var (place, call) in Calls(client, id))
        {
            sent.Clear();
            await Assert.ThrowsAsync<OpenRouterApiException>(call);
            var address = Assert.Single(sent);
            Assert.Equal(("https://openrouter.ai", ""), (address.GetLeftPart(UriPartial.Authority), address.Fragment));
            var segments = address.AbsolutePath.Split('/');
            var wanted = place.Split('?')[0].Split('/');
            Assert.Equal(wanted.Length, segments.Length);
            Assert.All(wanted.Zip(segments), pair => Assert.True(pair.First == "*" || pair.First == pair.Second, $"{address.AbsolutePath} is not {place}."));
            Assert.Equal(place.Contains('?', StringComparison.Ordinal) ? 1 : 0, address.Query.Split('&').Count(part => part.Length > 0));
        }
    }

    [Theory]
    [MemberData(nameof(Impossible))]
    public async Task AnyId_ThatNamesNothing_IsRefusedUnsentAndUnquoted(string id)
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        foreach (var (place, call) in Calls(client, id))
        {
            var exception = await Assert.ThrowsAnyAsync<ArgumentException>(call);
            Assert.True(id.Length < 20 || !exception.Message.Contains(id[..20], StringComparison.Ordinal), $"{place} quotes what it was given.");
        }
    }

    [Theory]
    [InlineData("openai/gpt-4o", "/api/v1/model/openai/gpt-4o")]
    [InlineData("openai/gpt-4o:free:online", "/api/v1/model/openai/gpt-4o%3Afree%3Aonline")]
    [InlineData("~openai/gpt-latest", "/api/v1/model/~openai/gpt-latest")]
    [InlineData("a/%2e%2e", "/api/v1/model/a/%252e%252e")]
    [InlineData("a\\b/c?d#e", "/api/v1/model/a%5Cb/c%3Fd%23e")]
    public async Task Model_OfTwoPieces_IsSentPieceByPiece(string model, string path)
    {
        var sent = new List<Uri>();
        var client = new OpenRouterBillingClient(new HttpClient(new Recorder(sent)), TestData.Options(options => options.MaxRetries = 0));
        await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Models.GetAsync(model, Cancelled));
        Assert.Equal(path, Assert.Single(sent).AbsolutePath);
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("a/b/c")]
    [InlineData("/b")]
    [InlineData("a/")]
    [InlineData("a/..")]
    [InlineData("./b")]
    [InlineData(" /b")]
    [InlineData("@preset/mine")]
    public async Task Model_ThatIsNone_IsRefusedUnsentAndNamed(string model)
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        Assert.Contains(model, (await Assert.ThrowsAsync<ArgumentException>(() => client.Models.GetAsync(model, Cancelled))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.Models.ListEndpointsAsync(model, Cancelled));
    }

    [Fact]
    public async Task Model_ThatIsAKey_IsNotQuoted()
    {
        var client = BillingClientKit.Over(new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent.")));
        foreach (var model in new[] { Pasted, "a/" + Pasted, Pasted + "/b", "sk-proj-1234567890abcdef" })
        {
            var exception = await Assert.ThrowsAsync<ArgumentException>(() => client.Models.ListEndpointsAsync(model, Cancelled));
            Assert.DoesNotContain("sk-", exception.Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string Place, Func<Task> Call)> Calls(OpenRouterBillingClient client, string id)
    {
        const string Base = "/api/v1/";
        yield return (Base + "workspaces/*", () => client.Workspaces.GetAsync(id, Cancelled));
        yield return (Base + "workspaces/*", () => client.Workspaces.UpdateAsync(id, new WorkspaceUpdate(), Cancelled));
        yield return (Base + "workspaces/*", () => client.Workspaces.DeleteAsync(id, cancellationToken: Cancelled));
        yield return (Base + "workspaces/*/budgets/daily", () => client.Workspaces.Budgets.DeleteAsync(id, BudgetInterval.Daily, Cancelled));
        yield return (Base + "workspaces/*/budgets", () => client.Workspaces.Budgets.SetAsync(id, BudgetInterval.Daily, 1m, cancellationToken: Cancelled));
        yield return (Base + "workspaces/*/members/add", () => client.Workspaces.Members.AddAsync(id, ["user"], Cancelled));
        yield return (Base + "guardrails/*", () => client.Guardrails.GetAsync(id, Cancelled));
        yield return (Base + "guardrails/*/assignments/members", () => client.Guardrails.Assignments.AssignMembersAsync(id, ["user"], Cancelled));
        yield return (Base + "byok/*", () => client.Byok.GetAsync(id, Cancelled));
        yield return (Base + "byok/*", () => client.Byok.UpdateAsync(id, new ByokCredentialUpdate(), Cancelled));
        yield return (Base + "byok/*", () => client.Byok.DeleteAsync(id, Cancelled));
        yield return (Base + "generation?id=*", () => client.Generations.GetAsync(id, Cancelled));
        yield return (Base + "models/count?output_modalities=*", () => client.Models.CountAsync(new ModelQuery { OutputModalities = [id] }, Cancelled));
    }

    /// <summary>Keeps the addresses as the handler below would resolve them.</summary>
    private sealed class Recorder(List<Uri> sent) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add(request.RequestUri!);
            return Task.FromResult(StubHandler.Json("""{"error":{"code":400,"message":"no"}}""", System.Net.HttpStatusCode.BadRequest));
        }
    }
}
