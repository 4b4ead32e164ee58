using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>A guarded client with a brake, before a server that answers everything at one price, with money that does not run out.</summary>
public sealed class BrakeWorld : IBrakeObserver, IDisposable
{
    private readonly StubHandler _stub;
    private readonly HttpClient _billing;
    private readonly HttpClient _http;
    private readonly Action<BrakeTrip>? _onTripped;

    public BrakeWorld(Action<RunawayBrakeOptions> brake, Action<OpenRouterBillingOptions>? configure = null, decimal cost = 0.001m, Action<BrakeTrip>? onTripped = null, IBrakeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(brake);
        Options = TestData.Options(options =>
        {
            options.MaxRetries = 0;
            // Nothing but the brake is to happen while the clock moves.
            options.Guard.RefreshAfter = options.Guard.MaxReadingAge = options.Guard.MaxRefusalReadingAge = TimeSpan.FromDays(40);
            brake(options.Guard.Brake);
            configure?.Invoke(options);
        });
        _stub = new StubHandler()
            .On("GET key", TestData.KeyBody)
            .On("GET credits", """{"data":{"total_credits":1000000,"total_usage":0.5}}""")
            .On(GuardedStub.Chat, () => StubHandler.Json("""{"choices":[],"usage":{"cost":COST}}""".Replace("COST", cost.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        _billing = new HttpClient(_stub, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _onTripped = onTripped;
        Brake = new RunawayBrake(Clock);
        Guard = new BillingGuard(_billing, Options, new() { TimeProvider = Clock, Logger = Log, MeterFactory = Meter, Brake = Brake, BrakeObservers = observer is null ? [this] : [this, observer] });
        _http = new HttpClient(new BillingGuardHandler(Guard, Options, timeProvider: Clock) { InnerHandler = _stub }) { BaseAddress = Options.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestData.ApiKey);
    }

    public ManualTimeProvider Clock { get; } = new();

    public RecordingLogger<BillingGuard> Log { get; } = new();

    public RecordingMeter Meter { get; } = new();

    public ConcurrentQueue<BrakeTrip> Told { get; } = new();

    public OpenRouterBillingOptions Options { get; }

    public RunawayBrake Brake { get; }

    public BillingGuard Guard { get; }

    public int Sent => _stub.Count(GuardedStub.Chat);

    public Task IsToldAsync(int count) => BillingClientKit.UntilAsync(() => Told.Count == count, $"{count} calls of whoever is to be told");

    public ValueTask TrippedAsync(BrakeTrip trip, CancellationToken cancellationToken = default)
    {
        Told.Enqueue(trip);
        _onTripped?.Invoke(trip);
        return ValueTask.CompletedTask;
    }

    public ValueTask ResetAsync(IReadOnlyList<BrakeTrip> trips, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>Sends chats that all get through, and reads their answers.</summary>
    public async Task PassAsync(params string[] prompts)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        foreach (var prompt in prompts)
        {
            var before = Sent;
            using var response = await ChatAsync(prompt);
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(before + 1, Sent);
        }
    }

    public async Task<RunawayBrakeTrippedException> IsRefusedAsync(string prompt)
    {
        var before = Sent;
        var refusal = await Assert.ThrowsAsync<RunawayBrakeTrippedException>(() => ChatAsync(prompt));
        Assert.Equal(before, Sent);
        return refusal;
    }

    /// <summary>A request as policies see it, of an account of which nothing is known.</summary>
    internal static BillingPolicyContext Context(BillingGuardOptions options, long fingerprint)
    {
        var unknown = new Instant(DateTimeOffset.UnixEpoch, 0);
        var account = new AccountSnapshot("account", "key", Reading<CreditBalance>.NotPermitted(unknown), Reading<ApiKeyStatus>.NotPermitted(unknown)) { BalanceLag = new LearnedLag(TimeProvider.System), KeyLag = new LearnedLag(TimeProvider.System) };
        return new BillingPolicyContext(new BillableRequest { Model = GuardedStub.PaidModel, Fingerprint = fingerprint }, account, null, options, DateTimeOffset.UnixEpoch) { Pass = options.Brake.Action == BrakeAction.None ? null : new BrakePass() };
    }

    public void Dispose()
    {
        _http.Dispose();
        _billing.Dispose();
        _stub.Dispose();
        Meter.Dispose();
    }

    private async Task<HttpResponseMessage> ChatAsync(string prompt)
    {
        using var content = new StringContent($$"""{"model":"{{GuardedStub.PaidModel}}","messages":[{"role":"user","content":"{{prompt}}"}]}""", Encoding.UTF8, "application/json");
        return await _http.PostAsync(new Uri("chat/completions", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
