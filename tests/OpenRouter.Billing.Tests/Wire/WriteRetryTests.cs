using System.Net;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.Api.Contract;

namespace OpenRouter.Billing.Tests.Wire;

public sealed class WriteRetryTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromMilliseconds(9_876);

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError)]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.SecureConnectionError)]
    [InlineData(HttpRequestError.ProxyTunnelError)]
    public async Task Write_NoConnectionCameAbout_IsRepeated(HttpRequestError error)
    {
        var handler = Failing(new HttpRequestException(error, "no way there"));
        var call = Client(handler).Keys.DisableAsync(WriteOperations.Hash, Cancelled);
        _clock.Advance(await BillingClientKit.PauseOfAsync(_clock, AttemptTimeout, call));
        Assert.True((await call).IsDisabled);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task Write_NoConnectionEverCameAbout_SaysThatRepeatingIsSafe()
    {
        var handler = new ScriptedHandler(_ => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var exception = await Assert.ThrowsAsync<OpenRouterConnectionException>(() => Client(handler, 0).Keys.DisableAsync(WriteOperations.Hash, Cancelled));
        Assert.False(exception.MayHaveArrived);
        Assert.Contains("Nothing was changed", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<Exception> LostAnswers => new(new Exception[]
    {
        new HttpRequestException(HttpRequestError.ResponseEnded, "cut"),
        new HttpRequestException(HttpRequestError.Unknown, "broken"),
        new HttpIOException(HttpRequestError.ResponseEnded),
        new InvalidDataException("broken gzip"),
        new TaskCanceledException("the client's own timeout"),
        new Polly.Timeout.TimeoutRejectedException("an app's own handler gave up"),
    });

    [Theory]
    [MemberData(nameof(LostAnswers), DisableDiscoveryEnumeration = true)]
    public async Task Write_AnswerIsLost_IsSentOnceAndSaysThatItMayHaveBeenDone(Exception fault)
    {
        var handler = Failing(fault);
        var exception = await Assert.ThrowsAsync<OpenRouterConnectionException>(() => Client(handler).Keys.DisableAsync(WriteOperations.Hash, Cancelled));
        Assert.True(exception.MayHaveArrived);
        Assert.Contains("may have been made", exception.Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Write_SecondTryHangsAfterAFirstWithoutConnection_MayHaveArrived()
    {
        var handler = new HangingAfterFirst();
        var call = new OpenRouterBillingClient(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, TestData.Options(options => options.AttemptTimeout = options.TotalTimeout = TimeSpan.FromSeconds(30)), _clock)
            .Keys.DisableAsync(WriteOperations.Hash, Cancelled);
        await BillingClientKit.UntilAsync(() => _clock.PendingWaits.Count == 2 && handler.Tries == 1, "a pause");
        _clock.Advance(_clock.PendingWaits[0]);
        await BillingClientKit.UntilAsync(() => handler.Tries == 2, "the second try");
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await Assert.ThrowsAsync<OpenRouterConnectionException>(() => call)).MayHaveArrived);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task Write_PassingStatus_IsSentOnce(int status)
    {
        var handler = new ScriptedHandler(_ => StubHandler.Json("""{"error":{"code":1,"message":"soon"}}""", (HttpStatusCode)status));
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => Client(handler).Keys.CreateAsync(new KeyDraft { Name = "n" }, Cancelled));
        Assert.Equal(status, (int)exception.StatusCode);
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_ConnectionThatWasUsedBeforeIsCut_IsNotSilentlyRepeated(bool afterwards)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = new OpenRouterBillingClient(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ManagementKey) = (sandbox.BaseAddress, sandbox.ManagementKey)));
        var key = (await client.Keys.CreateAsync(new KeyDraft { Name = "n" }, Cancelled)).Key;
        sandbox.Faults.Add("DELETE /keys/" + key.Hash, SandboxFault.Disconnect(afterwards));
        await Assert.ThrowsAsync<OpenRouterConnectionException>(() => client.Keys.DeleteAsync(key.Hash, Cancelled));
        Assert.Equal(1, sandbox.Requests.Count("DELETE /keys/" + key.Hash));
    }

    private static ScriptedHandler Failing(Exception fault)
    {
        var tries = 0;
        return new ScriptedHandler(_ => tries++ == 0 ? throw fault : StubHandler.Json($$$"""{"data":{"hash":"{{{WriteOperations.Hash}}}","disabled":true}}"""));
    }

    private OpenRouterBillingClient Client(HttpMessageHandler handler, int retries = 3) =>
        BillingClientKit.Over(handler, options => (options.MaxRetries, options.AttemptTimeout) = (retries, AttemptTimeout), _clock);

    private sealed class HangingAfterFirst : HttpMessageHandler
    {
        private int _tries;

        public int Tries => Volatile.Read(ref _tries);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _tries) == 1)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return new HttpResponseMessage();
        }
    }
}
