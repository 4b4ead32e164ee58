using System.Collections.Concurrent;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The handler under a lease that caps the output: what goes out, what the caller's message keeps, and what is learned.</summary>
public sealed class BillingGuardHandlerLoweringTests
{
    private const string Body = """{"model":"some/model","max_tokens":16000,"messages":[]}""";
    private const string Lowered = """{"model":"some/model","max_tokens":10,"messages":[]}""";
    private const string TooLarge = """{"error":{"code":402,"metadata":{"reason":"weight_exceeds_budget","limit_source":"openrouter_credits"}}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_SameMessageAgain_IsGuardedAgainAndHasItsOwnContent(bool isSynchronous)
    {
        var guard = new CappingGuard { OutputCap = 10 };
        var sent = new List<string>();
        using var http = new HttpMessageInvoker(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = Server(sent) });
        using var request = GuardedClient.Chat(Body);
        var own = request.Content;

        await SendAsync(http, request, isSynchronous);
        Assert.Same(own, request.Content);
        guard.OutputCap = null;
        await SendAsync(http, request, isSynchronous);

        Assert.Equal([Lowered, Body], sent);
        Assert.Equal([16_000L, 16_000L], guard.Asked.Select(asked => asked.MaxOutputTokens));
        Assert.Same(own, request.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_NothingButTheNetworkInside_SendsTheLoweredContent(bool isSynchronous)
    {
        await using var world = await GuardedSandbox.StartAsync();
        using var http = new HttpMessageInvoker(new BillingGuardHandler(new CappingGuard { OutputCap = 10 }, world.Options) { InnerHandler = new SocketsHttpHandler() });
        var body = GuardedSandbox.ChatBody(maxTokens: 16_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Sandbox.BaseAddress, "chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", world.Sandbox.ApiKey);
        var own = request.Content;

        await SendAsync(http, request, isSynchronous);

        Assert.Equal(body.Replace("16000", "10", StringComparison.Ordinal), Assert.Single(world.Sandbox.Requests.Latest, sent => sent.Route == GuardedSandbox.ChatRoute).Body);
        Assert.Same(own, request.Content);
    }

    [Theory]
    [InlineData(10L)]
    [InlineData(null)]
    public async Task Send_RefusedByTheServer_TellsTheGuardTheCapThatWasSent(long? cap)
    {
        var guard = new CappingGuard { OutputCap = cap };
        using var http = new HttpMessageInvoker(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new StubHandler().On("POST chat/completions", () => StubHandler.Json(TooLarge, HttpStatusCode.PaymentRequired)) });
        using var request = GuardedClient.Chat(Body);

        await SendAsync(http, request, isSynchronous: false);

        Assert.Equal(cap ?? 16_000, Assert.Single(guard.Learned).MaxOutputTokens);
    }

    [Fact]
    public async Task SendAsync_ContentCannotBeReadAgain_FailsUnsentAndHoldsNothing()
    {
        var guard = new CappingGuard { OutputCap = 10 };
        var sent = new List<string>();
        using var http = new HttpMessageInvoker(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = Server(sent) });
        using var request = GuardedClient.Chat();
        request.Content = new OnceContent(Encoding.UTF8.GetBytes(Body));

        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(http, request, isSynchronous: false));

        Assert.Empty(sent);
        Assert.Single(guard.Asked);
        Assert.Equal((0, 0), await guard.HeldAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_NoInference_PassesUnasked(bool isSynchronous)
    {
        var guard = new CappingGuard();
        using var http = new HttpMessageInvoker(new BillingGuardHandler(guard, TestData.Options()) { InnerHandler = new StubHandler().On("GET models", "{}") });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(TestData.Options().BaseAddress, "models"));

        Assert.Equal(HttpStatusCode.OK, await SendAsync(http, request, isSynchronous));

        Assert.Empty(guard.Asked);
    }

    [Fact]
    public void Constructor_NoGuardOrWrongOptions_Throws()
    {
        Assert.Throws<ArgumentNullException>("guard", () => new BillingGuardHandler(null!, TestData.Options()));
        Assert.Throws<ArgumentException>("options", () => new BillingGuardHandler(new CappingGuard(), TestData.Options(options => options.Guard.PaidRequestClaim = 0)));
    }

    private static StubHandler Server(List<string> sent) => new StubHandler().On("POST chat/completions", async (request, cancellationToken) =>
    {
        sent.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
        return StubHandler.Json(Bodies.Chat);
    });

    private static async Task<HttpStatusCode> SendAsync(HttpMessageInvoker http, HttpRequestMessage request, bool isSynchronous)
    {
        using var response = isSynchronous ? http.Send(request, Cancellation) : await http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    /// <summary>Lets everything out under a real lease with the cap that the test says.</summary>
    private sealed class CappingGuard : IBillingGuard
    {
        private static readonly ManualTimeProvider Clock = new();
        private static readonly LimitClaim Money = Claims.Money("money", LeasingGuard.ClaimedNanoDollars, long.MaxValue, Clock.GetUtcNow());

        private readonly InMemoryBillingLedger _books = new(Clock);

        public long? OutputCap { get; set; }

        public ConcurrentQueue<BillableRequest> Asked { get; } = new();

        public ConcurrentQueue<BillableRequest> Learned { get; } = new();

        public ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default)
        {
            Asked.Enqueue(request);
            return new BillingLease(_books, (await _books.AcquireAsync([Money], TimeSpan.FromMinutes(15), cancellationToken)).Lease, LeasingGuard.ClaimedCost) { OutputCap = OutputCap };
        }

        public BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null)
        {
            Learned.Enqueue(request);
            return null;
        }

        public async Task<(long Settled, long Leased)> HeldAsync()
        {
            var usage = (await _books.PeekAsync([Money], Cancellation))[0];
            return (usage.Settled, usage.Leased);
        }
    }

    /// <summary>A content that is there once.</summary>
    private sealed class OnceContent(byte[] body) : ByteArrayContent(body)
    {
        private bool _isRead;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            if (_isRead)
            {
                throw new HttpRequestException("It was read before.");
            }

            _isRead = true;
            return base.SerializeToStreamAsync(stream, context);
        }
    }
}
