using System.Net;
using System.Net.Http.Headers;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Tests.TestKit;
using Polly;
using Polly.Retry;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The advice by itself, and in a real Polly retry on both sides of the guard.</summary>
public sealed class BillingRetryAdviceTests
{
    private const string FreeDay = """{"error":{"message":"Rate limit exceeded: free-models-per-day","code":429}}""";
    private const string FreeMinute = """{"error":{"message":"Rate limit exceeded: free-models-per-min. ","code":429}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Failures() => [.. FailureCases.All.Where(failure => failure.Status >= 400 && failure.Status != 404).Select(failure => failure.Name)];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task ForAsync_FailedAnswer_RepeatsOnlyWhatWaitingOpens(string name)
    {
        var failure = GuardedStub.Case(name);
        using var response = GuardedStub.Refusal(failure);

        var first = await BillingRetryAdvice.ForAsync(response, null, new ManualTimeProvider(FailureCases.Now), Cancellation);
        var again = await BillingRetryAdvice.ForAsync(response, null, new ManualTimeProvider(FailureCases.Now), Cancellation);

        TimeSpan? usual = failure.Cause == BillingCause.InFlightBudget ? TimeSpan.FromSeconds(30) : null;
        var wait = failure.OpensAt is { } opensAt ? DateTimeOffset.Parse(opensAt, null) - FailureCases.Now : usual;
        Assert.Equal(new BillingRetryAdvice(failure.IsRetryable, failure.IsRetryable ? wait : null), first);
        Assert.Equal(first, again);
        Assert.Equal(failure.Body, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, true)]
    [InlineData(HttpRequestError.ConnectionError, true)]
    [InlineData(HttpRequestError.SecureConnectionError, true)]
    [InlineData(HttpRequestError.ProxyTunnelError, true)]
    [InlineData(HttpRequestError.ResponseEnded, false)]
    [InlineData(HttpRequestError.HttpProtocolError, false)]
    [InlineData(HttpRequestError.Unknown, false)]
    public async Task ForAsync_NoAnswer_RepeatsOnlyWhatWasNeverSent(HttpRequestError error, bool shouldRetry)
    {
        var advice = await BillingRetryAdvice.ForAsync(null, new HttpRequestException(error, "The test failed it."), cancellationToken: Cancellation);

        Assert.Equal(new BillingRetryAdvice(shouldRetry, null), advice);
    }

    [Fact]
    public async Task ForAsync_TimeoutsSuccessesAndStrangers_AreNotRepeated()
    {
        using var success = new HttpResponseMessage(HttpStatusCode.OK);
        foreach (var exception in new Exception?[] { new TaskCanceledException("Late.", new TimeoutException()), new TimeoutException(), new IOException(), new InvalidOperationException(), null })
        {
            Assert.False((await BillingRetryAdvice.ForAsync(null, exception, cancellationToken: Cancellation)).ShouldRetry);
        }

        Assert.False((await BillingRetryAdvice.ForAsync(success, null, cancellationToken: Cancellation)).ShouldRetry);
    }

    [Fact]
    public void For_FreeMinuteWithoutATime_WaitsAMinuteFromThen()
    {
        var clock = new ManualTimeProvider();
        var verdict = new BillingVerdict { Cause = BillingCause.FreeRequestsPerMinute, CheckedAt = clock.GetUtcNow(), Remedy = "Wait.", IsRetryable = true };

        clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(new BillingRetryAdvice(true, TimeSpan.FromSeconds(40)), BillingRetryAdvice.For(verdict, clock));
        clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(new BillingRetryAdvice(true, TimeSpan.Zero), BillingRetryAdvice.For(verdict, clock));
    }

    [Fact]
    public async Task For_BudgetThatRunningRequestsHold_DoesNotWaitForItsReset()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 0.07m, Window = BudgetWindow.Monthly }));
        var lease = await world.Guard.ReserveAsync(new() { Model = GuardedStub.PaidModel }, Cancellation);

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());

        Assert.Equal(new BillingRetryAdvice(true, null), BillingRetryAdvice.For(refusal.Verdict, world.Clock));
        Assert.NotNull(refusal.ResetsAt);
        await lease.SettleAsync(0.01m, Cancellation);
        await world.PassesAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Polly_InFlightBudgetFull_WaitsAsAskedAndThenPasses(bool guardInside)
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InFlightShare = 0.5m);
        var cost = world.Sandbox.Quote(GuardedSandbox.ChatBody()).MaximumCost;
        world.Options.Guard.PaidRequestClaim = cost;
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance - (3 * cost));
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate(), times: 1);
        var running = world.ChatAsync();
        await gate.WaitUntilHeldAsync(1, Cancellation);

        var retried = world.ChatAsync(http: Client(world, guardInside));
        await PauseAsync(world, retried, TimeSpan.FromSeconds(120));
        Assert.Equal(2, world.Chats);
        gate.Release();
        (await running).Dispose();
        world.Clock.Advance(TimeSpan.FromSeconds(120));

        Assert.Equal(HttpStatusCode.OK, (await retried).StatusCode);
        Assert.Equal(3, world.Chats);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Polly_FreeMinuteUsedUp_WaitsAMinute(bool guardInside)
    {
        await using var world = await GuardedSandbox.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(429, FreeMinute), times: 1);

        var retried = world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel), Client(world, guardInside));
        await PauseAsync(world, retried, TimeSpan.FromSeconds(60));
        world.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(HttpStatusCode.OK, (await retried).StatusCode);
        Assert.Equal(2, world.Chats);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Polly_FreeDayUsedUp_Stops(bool guardInside)
    {
        await using var world = await GuardedSandbox.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(429, FreeDay));
        var http = Client(world, guardInside);

        await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => EndsAsync(world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel), http)));

        Assert.Equal(1, world.Chats);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Polly_KeySpentOnTheServer_Stops(bool guardInside)
    {
        await using var world = await GuardedSandbox.StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 1, LimitReset = "monthly" });
        var http = Client(world, guardInside, key.Secret);
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = key.Secret }, Cancellation);
        world.Sandbox.Account.Charge(1, key);

        var refusal = await Assert.ThrowsAsync<KeyLimitExceededException>(() => EndsAsync(world.ChatAsync(http: http)));

        Assert.Equal(BillingVerdictOrigin.Answered, refusal.Verdict.Origin);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
        Assert.Equal(1, world.Chats);
    }

    [Theory]
    [InlineData(true, 503)]
    [InlineData(false, 503)]
    [InlineData(true, 429)]
    [InlineData(false, 429)]
    public async Task Polly_ProviderIsBusy_WaitsAsAsked(bool guardInside, int status)
    {
        await using var world = await GuardedSandbox.StartAsync();
        var answer = SandboxFault.Answer(status, """{"error":{"code":1,"message":"Provider returned error"}}""", headers: new Dictionary<string, string> { ["Retry-After"] = "7" });
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, answer, times: 1);

        var retried = world.ChatAsync(http: Client(world, guardInside));
        await PauseAsync(world, retried, TimeSpan.FromSeconds(7));
        world.Clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal(HttpStatusCode.OK, (await retried).StatusCode);
        Assert.Equal(2, world.Chats);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Polly_CutOffAfterItWasBilled_IsNotPaidTwice(bool guardInside)
    {
        await using var world = await GuardedSandbox.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Disconnect(billed: true), times: 1);
        var http = Client(world, guardInside);

        await Assert.ThrowsAsync<HttpRequestException>(() => EndsAsync(world.ChatAsync(http: http)));

        Assert.Equal(1, world.Chats);
        Assert.Single(world.Sandbox.Account.Generations);
    }

    [Theory]
    [InlineData(true, 408)]
    [InlineData(false, 504)]
    [InlineData(true, 524)]
    public async Task Polly_TimeoutBehindTheServer_IsNotPaidTwice(bool guardInside, int status)
    {
        await using var world = await GuardedSandbox.StartAsync();
        world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Answer(status, "", billed: true), times: 1);
        var http = Client(world, guardInside);

        using var response = await EndsAsync(world.ChatAsync(http: http));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(1, world.Chats);
    }

    [Fact]
    public async Task Polly_RefusedHereBehindARunningRequest_IsTriedAgain()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 6);
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate(), times: 1);
        var running = world.ChatAsync();
        await gate.WaitUntilHeldAsync(1, Cancellation);

        var retried = world.ChatAsync(http: Client(world, guardInside: true));
        // The usual backoff, because nobody can say when the other request ends.
        await PauseAsync(world, retried, TimeSpan.FromSeconds(2));
        Assert.Equal(1, world.Chats);
        gate.Release();
        (await running).Dispose();
        world.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.OK, (await retried).StatusCode);
    }

    private static HttpClient Client(GuardedSandbox world, bool guardInside, string? key = null)
    {
        var retry = new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 3,
            Delay = TimeSpan.FromSeconds(2),
            ShouldHandle = async arguments => (await BillingRetryAdvice.ForAsync(arguments.Outcome.Result, arguments.Outcome.Exception, world.Clock)).ShouldRetry,
            DelayGenerator = async arguments => (await BillingRetryAdvice.ForAsync(arguments.Outcome.Result, arguments.Outcome.Exception, world.Clock)).Delay,
        };
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = world.Clock }.AddRetry(retry).Build();
        var network = new SocketsHttpHandler();
        DelegatingHandler handler = guardInside
            ? new RetryHandler(pipeline) { InnerHandler = new BillingGuardHandler(world.Guard, world.Options) { InnerHandler = network } }
            : new BillingGuardHandler(world.Guard, world.Options) { InnerHandler = new RetryHandler(pipeline) { InnerHandler = network } };
        return new HttpClient(handler)
        {
            BaseAddress = world.Sandbox.BaseAddress,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key ?? world.Sandbox.ApiKey) },
        };
    }

    // A pause that should not be would last for good, because the clock stands still.
    private static Task<HttpResponseMessage> EndsAsync(Task<HttpResponseMessage> call) => call.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

    private static async Task PauseAsync(GuardedSandbox world, Task call, TimeSpan expected)
    {
        await BillingClientKit.UntilAsync(() => call.IsCompleted || (world.Clock.PendingWaits is [var only] && only == expected), $"a pause of {expected}");
        Assert.False(call.IsCompleted, "The call ended where it should have paused.");
    }

    private sealed class RetryHandler(ResiliencePipeline<HttpResponseMessage> pipeline) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            pipeline.ExecuteAsync(async token => await base.SendAsync(request, token), cancellationToken).AsTask();
    }
}
