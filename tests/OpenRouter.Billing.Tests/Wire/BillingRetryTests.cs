using System.Net;
using System.Net.Http.Headers;

namespace OpenRouter.Billing.Tests.Wire;

public sealed class BillingRetryTests
{
    // Odd on purpose: a pause of this length would be taken for the bound of an attempt.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMilliseconds(9_876);

    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(524)]
    [InlineData(529)]
    public async Task GetAsync_PassingStatus_IsRepeatedAndThenReads(int status)
    {
        var stub = Failing(1, () => StubHandler.Json("""{"error":{"code":1,"message":"soon"}}""", (HttpStatusCode)status));
        var call = Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken);
        _clock.Advance(await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        Assert.Equal(9.5m, (await call).Remaining);
        Assert.Equal(2, stub.Count("GET credits"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(410)]
    [InlineData(422)]
    public async Task GetAsync_LastingStatus_IsAskedOnce(int status)
    {
        var stub = Failing(1, () => StubHandler.Json("""{"error":{"code":1,"message":"never"}}""", (HttpStatusCode)status));
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(status, (int)exception.StatusCode);
        Assert.Equal(1, stub.Count("GET credits"));
    }

    public static TheoryData<Exception> ConnectionFaults => new(new[]
    {
        new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
        new HttpIOException(HttpRequestError.ResponseEnded),
        new InvalidDataException("broken gzip"),
        (Exception)new Polly.Timeout.TimeoutRejectedException("an app's own handler gave up"),
    });

    [Theory]
    [MemberData(nameof(ConnectionFaults), DisableDiscoveryEnumeration = true)]
    public async Task GetAsync_ConnectionFault_IsRepeatedAndThenReads(Exception fault)
    {
        var stub = Failing(1, () => throw fault);
        var call = Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken);
        _clock.Advance(await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        Assert.Equal(9.5m, (await call).Remaining);
    }

    [Theory]
    [MemberData(nameof(ConnectionFaults), DisableDiscoveryEnumeration = true)]
    public async Task GetAsync_ConnectionFaultWithoutRetries_IsTyped(Exception fault)
    {
        var stub = Failing(1, () => throw fault);
        var exception = await Assert.ThrowsAsync<OpenRouterConnectionException>(() => Client(stub, options => options.MaxRetries = 0).Credits.GetAsync(TestContext.Current.CancellationToken));
        Assert.False(exception.IsTimeout);
        Assert.Same(fault, exception.InnerException);
    }

    [Fact]
    public async Task GetAsync_EveryAttemptFails_StopsAfterMaxRetriesWithTheLastAnswer()
    {
        var stub = new StubHandler().OnAny(() => StubHandler.Json("""{"error":{"code":503,"message":"overloaded"}}""", HttpStatusCode.ServiceUnavailable));
        var call = Client(stub, options => options.MaxRetries = 2).Credits.GetAsync(TestContext.Current.CancellationToken);
        for (var pause = 0; pause < 2; pause++)
        {
            _clock.Advance(await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        }

        Assert.Equal("overloaded", (await Assert.ThrowsAsync<OpenRouterApiException>(() => call)).ServerMessage);
        Assert.Equal(3, stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_MaxRetriesZero_AsksOnce()
    {
        var stub = new StubHandler().OnAny(() => StubHandler.Json("{}", HttpStatusCode.ServiceUnavailable));
        await Assert.ThrowsAsync<OpenRouterApiException>(() => Client(stub, options => options.MaxRetries = 0).Credits.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_RetryAfterSeconds_WaitsExactlySoLong()
    {
        var call = CallAnsweredFirstWith(retryAfter: new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)));
        Assert.Equal(TimeSpan.FromSeconds(7), await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        _clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(9.5m, (await call).Remaining);
    }

    [Fact]
    public async Task GetAsync_RetryAfterDate_WaitsUntilThenByTheGivenClock()
    {
        var call = CallAnsweredFirstWith(retryAfter: new RetryConditionHeaderValue(_clock.GetUtcNow().AddSeconds(8)));
        Assert.Equal(TimeSpan.FromSeconds(8), await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        _clock.Advance(TimeSpan.FromSeconds(8));
        await call;
    }

    [Theory]
    [InlineData("""{"error":{"code":429,"message":"slow down","metadata":{"headers":{"Retry-After":"6"}}}}""")]
    [InlineData("""{"error":{"code":429,"message":"slow down","metadata":{"headers":{"retry-after":6}}}}""")]
    [InlineData("""{"error":{"code":429,"message":"slow down","metadata":{"retry_after_seconds":6}}}""")]
    [InlineData("""{"code":429,"message":"slow down","metadata":{"retry_after_seconds":6.0e0}}""")]
    public async Task GetAsync_RetryAfterOnlyInTheBody_WaitsSoLong(string body)
    {
        var call = CallAnsweredFirstWith(body);
        Assert.Equal(TimeSpan.FromSeconds(6), await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        _clock.Advance(TimeSpan.FromSeconds(6));
        await call;
    }

    [Fact]
    public async Task GetAsync_RetryAfterNow_StillBacksOffDoubling()
    {
        var stub = new StubHandler().OnAny(() =>
        {
            var response = StubHandler.Json("{}", HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.Zero);
            return response;
        });
        var call = Client(stub, options => options.RetryDelay = TimeSpan.FromMilliseconds(200)).Credits.GetAsync(TestContext.Current.CancellationToken);
        foreach (var expected in new[] { 200, 400, 800 })
        {
            var pause = await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call);
            Assert.Equal(TimeSpan.FromMilliseconds(expected), pause);
            _clock.Advance(pause);
        }

        Assert.Equal(TimeSpan.Zero, (await Assert.ThrowsAsync<OpenRouterApiException>(() => call)).RetryAfter);
    }

    [Fact]
    public async Task GetAsync_RetryAfterBeyondTheTotalTime_GivesUpAtOnce()
    {
        var stub = Failing(1, () =>
        {
            var response = StubHandler.Json("""{"error":{"code":429,"message":"tomorrow"}}""", HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromHours(20));
            return response;
        });
        // On a clock that stands still a call that waits would wait for ever.
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken).WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(TimeSpan.FromHours(20), exception.RetryAfter);
        Assert.Equal(1, stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_RetryAfterBeyondTheTimeThatIsLeft_GivesUpAtOnce()
    {
        var stub = new StubHandler().OnAny(() =>
        {
            var response = StubHandler.Json("""{"error":{"code":429,"message":"slow"}}""", HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(20));
            return response;
        });
        // 30 seconds in all: the first wait of 20 fits, the second no longer does.
        var call = Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken);
        _clock.Advance(await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        Assert.Equal(TimeSpan.FromSeconds(20), (await Assert.ThrowsAsync<OpenRouterApiException>(() => call.WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken))).RetryAfter);
        Assert.Equal(2, stub.Count("GET credits"));
    }

    [Fact]
    public async Task GetAsync_NoHint_WaitsDifferBetweenCallsAndStayNearTheDelay()
    {
        var pauses = new HashSet<TimeSpan>();
        for (var run = 0; run < 20; run++)
        {
            var clock = new ManualTimeProvider();
            var stub = new StubHandler().OnAny(() => StubHandler.Json("{}", HttpStatusCode.BadGateway));
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var call = Client(stub, clock: clock).Credits.GetAsync(giveUp.Token);
            pauses.Add(await BillingClientKit.PauseOfAsync(clock, AttemptTimeout, call));
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.True(pauses.Count > 10, "Without jitter all clients of a fleet come back together.");
        Assert.All(pauses, pause => Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task GetAsync_TimeIsUpWhilePausing_ThrowsWhatTheServerSaidLast()
    {
        var stub = new StubHandler().OnAny(() => StubHandler.Json("""{"error":{"code":503,"message":"overloaded"}}""", HttpStatusCode.ServiceUnavailable));
        var call = Client(stub, options => options.RetryDelay = TimeSpan.FromHours(1)).Credits.GetAsync(TestContext.Current.CancellationToken);
        await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("overloaded", (await Assert.ThrowsAsync<OpenRouterApiException>(() => call)).ServerMessage);
    }

    [Fact]
    public async Task GetAsync_ServerNeverAnswers_EachAttemptAndTheWholeCallAreBounded()
    {
        var stub = Hanging();
        var call = Client(stub, options => options.TotalTimeout = TimeSpan.FromSeconds(15)).Credits.GetAsync(TestContext.Current.CancellationToken);
        var begin = _clock.GetUtcNow();
        for (var step = 0; step < 1_000 && !call.IsCompleted; step++)
        {
            await BillingClientKit.UntilAsync(() => call.IsCompleted || _clock.PendingTimers >= 2, "a timer");
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        var exception = await Assert.ThrowsAsync<OpenRouterConnectionException>(() => call.WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken));
        Assert.True(exception.IsTimeout);
        Assert.Contains("00:00:15", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, stub.Count("GET credits"));
        // The loop moves the clock while the call winds up, so a few steps of slack.
        Assert.InRange(_clock.GetUtcNow() - begin, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(17));
    }

    [Fact]
    public async Task GetAsync_ServerNeverAnswersWithoutRetries_EndsAtTheAttemptTimeout()
    {
        var call = Client(Hanging(), options => options.MaxRetries = 0).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        await BillingClientKit.UntilAsync(() => _clock.PendingTimers == 2, "the two bounds");
        _clock.Advance(AttemptTimeout - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        var exception = await Assert.ThrowsAsync<OpenRouterConnectionException>(() => call);
        Assert.True(exception.IsTimeout);
        Assert.Contains("openrouter.ai", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_CallerGivesUpWhileWaitingForTheAnswer_StaysACancellationWithItsToken()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = Client(Hanging()).Credits.GetAsync(giveUp.Token);
        await giveUp.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(giveUp.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task GetAsync_CallerGivesUpWhilePausing_StaysACancellationWithItsToken()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var stub = new StubHandler().OnAny(() => StubHandler.Json("{}", HttpStatusCode.BadGateway));
        var call = Client(stub).Credits.GetAsync(giveUp.Token);
        await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call);
        await giveUp.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(giveUp.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task GetAsync_CancelledBeforehand_SendsNothing()
    {
        var stub = new StubHandler();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client(stub).Credits.GetAsync(new CancellationToken(canceled: true)));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task GetAsync_BodyThatNeverEnds_EndsWithItsBound()
    {
        var stub = new StubHandler().OnAny(() => new HttpResponseMessage { Content = new StreamContent(new SilentStream()) });
        var call = Client(stub, options => options.MaxRetries = 0).Credits.GetAsync(TestContext.Current.CancellationToken);
        await BillingClientKit.UntilAsync(() => _clock.PendingTimers == 2, "the two bounds");
        _clock.Advance(AttemptTimeout);
        Assert.True((await Assert.ThrowsAsync<OpenRouterConnectionException>(() => call)).IsTimeout);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(39)]
    public async Task GetAsync_TimesOfManyDays_AreAccepted(int days)
    {
        // Polly accepts no wait beyond a day, the options do.
        var stub = Failing(0, () => throw new InvalidOperationException());
        var client = Client(stub, options => options.TotalTimeout = options.RetryDelay = TimeSpan.FromDays(days + 0.5));
        Assert.Equal(9.5m, (await client.Credits.GetAsync(TestContext.Current.CancellationToken)).Remaining);
    }

    private Task<CreditBalance> CallAnsweredFirstWith(string body = "{}", RetryConditionHeaderValue? retryAfter = null)
    {
        var stub = Failing(1, () =>
        {
            var response = StubHandler.Json(body, HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter = retryAfter;
            return response;
        });
        return Client(stub).Credits.GetAsync(TestContext.Current.CancellationToken);
    }

    private OpenRouterBillingClient Client(StubHandler stub, Action<OpenRouterBillingOptions>? configure = null, ManualTimeProvider? clock = null) =>
        BillingClientKit.Over(
            stub,
            options =>
            {
                options.MaxRetries = 3;
                options.AttemptTimeout = AttemptTimeout;
                configure?.Invoke(options);
            },
            clock ?? _clock);

    private static StubHandler Failing(int times, Func<HttpResponseMessage> failure)
    {
        var asked = 0;
        return new StubHandler().OnAny(() => Interlocked.Increment(ref asked) <= times ? failure() : StubHandler.Json(TestData.CreditsBody));
    }

    private static StubHandler Hanging()
    {
        static async Task<HttpResponseMessage> HangAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("An endless wait ended.");
        }

        return new StubHandler().On("GET credits", HangAsync).On("GET key", HangAsync);
    }

    private sealed class SilentStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
