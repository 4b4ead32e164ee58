using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>A guarded client over real sockets, a sound server, and a fault in the place of one of its answers.</summary>
internal sealed class FaultWorld : IAsyncDisposable
{
    private const string ChatQuestion = "chat/completions";
    private static readonly LimitClaim Balance = LimitClaim.InUsDollars($"account/management/{KeyShape.Hash(TestData.ManagementKey)}/balance", BillingCause.AccountCredits, 0, 100, default);

    private readonly LoopbackServer _sound;
    private readonly ServedAnswer _chat;
    private readonly HttpClient _billing;
    private readonly Detour _detour;
    private readonly InMemoryBillingLedger _books;
    private readonly List<IDisposable> _open = [];

    /// <param name="place">Where the fault is.</param>
    /// <param name="fault">The fault on the wire; null where nothing is wrong with that.</param>
    /// <param name="clock">The guard's clock.</param>
    /// <param name="over">Puts something between the guard and its books.</param>
    public FaultWorld(Place place, WireFault? fault, ManualTimeProvider clock, Func<IBillingLedger, IBillingLedger>? over = null)
    {
        Clock = clock;
        _chat = place.Sound(ServedAnswer.Chat);
        _sound = new LoopbackServer((head, stream, stop) => stream.WriteAsync(Answer(head), stop).AsTask());
        _detour = new Detour(place.Question, place.IsChat ? null : fault?.Address) { InnerHandler = Sockets(fault) };
        _billing = new HttpClient(_detour) { Timeout = Timeout.InfiniteTimeSpan };
        _books = new InMemoryBillingLedger(clock);
        Guard = new BillingGuard(_billing, Options(_sound.Address), new() { Ledger = over?.Invoke(_books) ?? _books, TimeProvider = clock, Logger = Log });
        Http = Guarded(place.IsChat && fault is not null ? fault.Address : _sound.Address, Sockets(fault));
    }

    public ManualTimeProvider Clock { get; }

    public RecordingLogger<BillingGuard> Log { get; } = new();

    public BillingGuard Guard { get; }

    /// <summary>The client that meets the fault.</summary>
    public HttpClient Http { get; }

    public TimeSpan Patience { get; } = new BillingGuardOptions().ReadingTimeout;

    /// <summary>US dollars that are booked and that are held.</summary>
    public (decimal Booked, decimal Held) Books
    {
        get
        {
            var usage = _books.PeekAsync([Balance]).AsTask().GetAwaiter().GetResult()[0];
            return (usage.Settled / 1_000_000_000m, usage.Leased / 1_000_000_000m);
        }
    }

    public int Asked(string question) => _sound.Requests.Count(head => head.Contains($"/{question}", StringComparison.Ordinal));

    public int Chats => Asked(ChatQuestion);

    /// <summary>Takes the fault away, and lets the time pass after which what has failed is asked for again.</summary>
    public async Task<HttpClient> HealAsync()
    {
        _detour.End();
        Clock.Advance(new OpenRouterBillingOptions().TotalTimeout + TimeSpan.FromSeconds(10));
        await BillingClientKit.UntilAsync(() => Clock.PendingTimers == 0, "all questions to end");
        Clock.Advance(TimeSpan.FromMinutes(10));
        return Guarded(_sound.Address, Sockets(null));
    }

    public static HttpRequestMessage Chat() => new(HttpMethod.Post, new Uri(ChatQuestion, UriKind.Relative))
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", TestData.ApiKey) },
        Content = new StringContent("""{"model":"some/model","max_tokens":100,"messages":[{"role":"user","content":"hello"}]}""", Encoding.UTF8, "application/json"),
    };

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(one => one.Dispose());
        _billing.Dispose();
        _detour.Dispose();
        await _sound.DisposeAsync();
    }

    private static OpenRouterBillingOptions Options(Uri address) => TestData.Options(options =>
        (options.BaseAddress, options.MaxRetries, options.Guard.Pricing, options.Guard.PaidRequestClaim) = (address, 0, PricingMode.Catalogue, 0.05m));

    // An attempt to connect is the one wait that the clock of a test cannot move.
    private static SocketsHttpHandler Sockets(WireFault? fault) => new()
    {
        AutomaticDecompression = fault?.IsInflated == true ? DecompressionMethods.All : DecompressionMethods.None,
        ConnectTimeout = fault is { IsSilent: true } ? TimeSpan.FromMilliseconds(300) : Timeout.InfiniteTimeSpan,
        UseProxy = false,
    };

    private HttpClient Guarded(Uri address, SocketsHttpHandler sockets)
    {
        var http = new HttpClient(new BillingGuardHandler(Guard, Options(address), timeProvider: Clock) { InnerHandler = sockets }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _open.Add(http);
        return http;
    }

    private byte[] Answer(string head) =>
        head.Contains(ChatQuestion, StringComparison.Ordinal) ? _chat.Whole : ServedAnswer.Figures.First(figure => head.Contains("/" + figure.Key, StringComparison.Ordinal)).Value.Whole;

    /// <summary>Leads the questions of one kind to another address, as long as it lasts.</summary>
    private sealed class Detour(string question, Uri? address) : DelegatingHandler
    {
        private volatile Uri? _address = address;

        public void End() => _address = null;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var name = request.RequestUri!.AbsolutePath.Split('/')[^1];
            if (_address is { } there && name == question)
            {
                request.RequestUri = new Uri(there, name + request.RequestUri.Query);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
