using System.Net;

namespace OpenRouter.Billing.Tests.Api;

public sealed class GenerationsClientTests
{
    private const string Record = """{"data":{"id":"gen-1","total_cost":0.000011,"provider_responses":[{"provider_name":"OpenAI","status":200,"latency":12.5},null]}}""";
    private const string NotFound = """{"error":{"message":"Generation gen-1 not found","code":404}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_AnyId_IsEscapedAndAskedWithTheInferenceKey()
    {
        var stub = new StubHandler().On("GET generation", Record);

        await BillingClientKit.Over(stub).Generations.GetAsync("gen 1&key=ü/..", Cancellation);

        Assert.Equal(("GET generation?id=gen%201%26key%3D%C3%BC%2F..", TestData.ApiKey), Assert.Single(stub.Requests));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task GetAsync_NoId_FailsBeforeSending(string id)
    {
        var stub = new StubHandler();

        await Assert.ThrowsAsync<ArgumentException>(() => BillingClientKit.Over(stub).Generations.GetAsync(id, Cancellation));

        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task GetAsync_WithoutInferenceKey_FailsBeforeSendingAndNamesTheOption()
    {
        var stub = new StubHandler();
        var exception = await Assert.ThrowsAsync<CredentialMissingException>(() => BillingClientKit.Over(stub, options => options.ApiKey = null).Generations.GetAsync("gen-1", Cancellation));
        Assert.Equal(nameof(OpenRouterBillingOptions.ApiKey), exception.OptionName);
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task GetAsync_Recorded_ReadsWhatWasBilled()
    {
        var body = Recorded("060-generation-200");

        var generation = await BillingClientKit.Answering(body).Generations.GetAsync("gen-1766949322-cBDaxJtZSqMBokd064mO", Cancellation);

        Assert.Equal("gen-1766949322-cBDaxJtZSqMBokd064mO", generation.Id);
        Assert.Equal((0.000011m, 0.000011m, 0m, null, false), (generation.TotalCost, generation.Usage, generation.UpstreamInferenceCost, generation.CacheDiscount, generation.IsByok));
        Assert.Equal(("openai/gpt-3.5-turbo", "OpenAI", "completions", 179379), (generation.Model, generation.ProviderName, generation.ApiType, generation.AppId));
        Assert.Equal((3, 4, 10, 4, 0), (generation.PromptTokens, generation.CompletionTokens, generation.NativePromptTokens, generation.NativeCompletionTokens, generation.NativeReasoningTokens));
        Assert.Equal((TimeSpan.FromMilliseconds(582), TimeSpan.FromMilliseconds(14), null), (generation.Latency, generation.GenerationTime, generation.ModerationLatency));
        Assert.Equal(("stop", false, true), (generation.FinishReason, generation.IsCancelled, generation.IsStreamed));
        Assert.Equal(new DateTimeOffset(2025, 12, 28, 19, 15, 23, TimeSpan.Zero).AddTicks(1850800), generation.CreatedAt);
        Assert.Null(generation.WorkspaceId);
        Assert.Null(generation.Attempts);
    }

    [Fact]
    public async Task GetAsync_RecordedRightAfterTheAnswer_SaysThatItIsNotFoundAndNothingOfAddresses()
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(
            () => BillingClientKit.Answering(Recorded("061-generation-404-one-second-later"), HttpStatusCode.NotFound).Generations.GetAsync("gen-1766949605-RiCUXDGm8FFH9V1nLBm1", Cancellation));

        Assert.Equal("GET /generation was answered with 404: Generation gen-1766949605-RiCUXDGm8FFH9V1nLBm1 not found.", exception.Message);
    }

    [Fact]
    public async Task GetAsync_Attempts_AreReadInOrder()
    {
        var generation = await BillingClientKit.Answering(Record).Generations.GetAsync("gen-1", Cancellation);

        var attempt = Assert.Single(generation.Attempts!);
        Assert.Equal(("OpenAI", 200, TimeSpan.FromMilliseconds(12.5)), (attempt.ProviderName, attempt.Status, attempt.Latency));
    }

    [Theory]
    [InlineData("{}", "data")]
    [InlineData("""{"data":{"total_cost":1}}""", "data.id")]
    [InlineData("""{"data":{"id":"gen-1","usage":1}}""", "data.total_cost")]
    public async Task GetAsync_CostMissing_IsAnErrorAndNeverZero(string body, string member)
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Answering(body).Generations.GetAsync("gen-1", Cancellation));
        Assert.Contains($"without '{member}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForAsync_NotThereAtFirst_AsksEverMoreRarelyUntilItIs()
    {
        var clock = new ManualTimeProvider();
        var stub = new StubHandler();
        stub.On("GET generation", () => stub.Requests.Count < 8 ? StubHandler.Json(NotFound, HttpStatusCode.NotFound) : StubHandler.Json(Record));
        var waiting = BillingClientKit.Over(stub, clock: clock).Generations.WaitForAsync("gen-1", TimeSpan.FromMinutes(5), Cancellation);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            await clock.WaitForTimerAsync(Cancellation);
            var wait = Assert.Single(clock.PendingWaits);
            Assert.InRange(wait, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds * 1.25));
            var asked = stub.Requests.Count;
            clock.Advance(wait);
            await BillingClientKit.UntilAsync(() => stub.Requests.Count > asked, "the next look");
        }

        Assert.Equal(0.000011m, (await waiting).TotalCost);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 3)]
    public async Task WaitForAsync_NeverThere_EndsWithTheLastAnswerWithinTheTime(int seconds, int looks)
    {
        var clock = new ManualTimeProvider();
        var started = clock.GetUtcNow();
        var stub = new StubHandler().On("GET generation", () => StubHandler.Json(NotFound, HttpStatusCode.NotFound));
        var waiting = BillingClientKit.Over(stub, clock: clock).Generations.WaitForAsync("gen-1", TimeSpan.FromSeconds(seconds), Cancellation);
        for (var look = 1; look < looks; look++)
        {
            var seen = look;
            await BillingClientKit.UntilAsync(() => stub.Requests.Count == seen && clock.PendingTimers == 1, "a pause");
            clock.Advance(clock.PendingWaits[0]);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<OpenRouterApiException>(() => waiting)).StatusCode);
        Assert.Equal(looks, stub.Requests.Count);
        Assert.InRange(clock.GetUtcNow() - started, TimeSpan.Zero, TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.PaymentRequired)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    public async Task WaitForAsync_AnyOtherAnswer_EndsAtOnce(HttpStatusCode status)
    {
        var stub = new StubHandler().On("GET generation", () => StubHandler.Json("""{"error":{"message":"no"}}""", status));

        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(stub).Generations.WaitForAsync("gen-1", TimeSpan.FromMinutes(5), Cancellation));

        Assert.Equal(status, exception.StatusCode);
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(41 * 86400)]
    public async Task WaitForAsync_TimeoutThatIsNone_IsAnArgumentError(int seconds) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => BillingClientKit.Answering(Record).Generations.WaitForAsync("gen-1", TimeSpan.FromSeconds(seconds), Cancellation));

    [Fact]
    public async Task WaitForAsync_Cancelled_EndsWithTheCallersToken()
    {
        using var giveUp = new CancellationTokenSource();
        var clock = new ManualTimeProvider();
        var stub = new StubHandler().On("GET generation", () => StubHandler.Json(NotFound, HttpStatusCode.NotFound));
        var waiting = BillingClientKit.Over(stub, clock: clock).Generations.WaitForAsync("gen-1", TimeSpan.FromMinutes(5), giveUp.Token);
        await clock.WaitForTimerAsync(Cancellation);

        await giveUp.CancelAsync();

        Assert.Equal(giveUp.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting)).CancellationToken);
    }

    private static string Recorded(string name) => Reference.Json($"recordings/{name}.json")["response"]!["body"]!.GetValue<string>();
}
