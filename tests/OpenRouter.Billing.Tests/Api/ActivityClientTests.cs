
namespace OpenRouter.Billing.Tests.Api;

public sealed class ActivityClientTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task ListAsync_WithoutManagementKey_FailsBeforeSendingAndNamesTheOption()
    {
        var stub = new StubHandler();
        var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(stub, options => options.ManagementKey = null).Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("GET /activity needs a management key: set OpenRouterBillingOptions.ManagementKey. Nothing was sent.", exception.Message);
        Assert.Empty(stub.Requests);
    }

    public static TheoryData<ActivityQuery?, string> Queries => new()
    {
        { null, "GET activity" },
        { new ActivityQuery(), "GET activity" },
        { new ActivityQuery { Date = new DateOnly(2026, 11, 7) }, "GET activity?date=2026-11-07" },
        { new ActivityQuery { ApiKeyHash = Hash }, $"GET activity?api_key_hash={Hash}" },
        { new ActivityQuery { UserId = "user_a b&c=d/é" }, "GET activity?user_id=user_a%20b%26c%3Dd%2F%C3%A9" },
        { new ActivityQuery { GroupByWorkspace = true, WorkspaceId = Guid.Parse("11111111-2222-3333-4444-555555555555") }, "GET activity?workspace_id=11111111-2222-3333-4444-555555555555&group_by=workspace" },
    };

    [Theory]
    [MemberData(nameof(Queries), DisableDiscoveryEnumeration = true)]
    public async Task ListAsync_EachFilter_IsSentAsTheServerNamesIt(ActivityQuery? query, string call)
    {
        var stub = new StubHandler().On("GET activity", """{"data":[]}""");
        Assert.Empty(await BillingClientKit.Over(stub).Activity.ListAsync(query, TestContext.Current.CancellationToken));
        Assert.Equal((call, TestData.ManagementKey), Assert.Single(stub.Requests));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData(TestData.ApiKey)]
    public async Task ListAsync_NoHash_IsRefusedBeforeSendingWithoutQuotingIt(string hash)
    {
        var stub = new StubHandler();
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => BillingClientKit.Over(stub).Activity.ListAsync(new ActivityQuery { ApiKeyHash = hash }, TestContext.Current.CancellationToken));
        Assert.Contains("ApiKeyHash", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task ListAsync_BlankUser_IsRefusedBeforeSending()
    {
        var stub = new StubHandler();
        await Assert.ThrowsAsync<ArgumentException>(() => BillingClientKit.Over(stub).Activity.ListAsync(new ActivityQuery { UserId = " " }, TestContext.Current.CancellationToken));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task ListAsync_Rows_AreReadInTheServersOrder()
    {
        var rows = await ReadAsync("""
            {"data":[{"date":"2026-11-17","model":"b/m","model_permaslug":"b/m-1","endpoint_id":"e","provider_name":"P","workspace_id":"w","usage":7.30025e-05,"byok_usage_inference":"0.034","requests":6,"prompt_tokens":70,"completion_tokens":210,"reasoning_tokens":90},
                     {"date":"2026-11-16T00:00:00.000Z"}]}
            """);
        Assert.Equal(
            new ActivityEntry
            {
                Date = new DateOnly(2026, 11, 17), Model = "b/m", ModelPermaslug = "b/m-1", EndpointId = "e", ProviderName = "P", WorkspaceId = "w",
                Cost = 0.0000730025m, ByokCost = 0.034m, Requests = 6, PromptTokens = 70, CompletionTokens = 210, ReasoningTokens = 90,
            },
            rows[0]);
        Assert.Equal(new ActivityEntry { Date = new DateOnly(2026, 11, 16) }, rows[1]);
    }

    [Theory]
    [InlineData("""{"data":[{"date":"2026-11-17"},{}]}""")]
    [InlineData("""{"data":[{"date":null}]}""")]
    [InlineData("""{"data":[{"date":"yesterday, at noon"}]}""")]
    [InlineData("""{"data":[{"date":"2026-02-30"}]}""")]
    [InlineData("""{"data":[null]}""")]
    public async Task ListAsync_RowWithoutItsDay_IsAnErrorRatherThanADayTooCheap(string body)
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => ReadAsync(body));
        Assert.Contains("without 'data[].date'", exception.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<ActivityEntry>> ReadAsync(string body) =>
        BillingClientKit.Answering(body).Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
}
