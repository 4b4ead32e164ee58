using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>A key with a guard and books of its own, which live as long as the soak.</summary>
internal sealed class GuardedKey : IDisposable
{
    private readonly HttpClient _billing = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly OpenRouterBillingOptions _options;
    private readonly BillingGuard _guard;

    public GuardedKey(string key, Uri address)
    {
        Key = key;
        _options = new OpenRouterBillingOptions { ApiKey = key, ManagementKey = TestData.ManagementKey, BaseAddress = address, RetryDelay = TimeSpan.FromMilliseconds(20) };
        var guard = _options.Guard;
        // Asked for all the time, so that faults strike there too; what cannot be read then refuses.
        (guard.RefreshAfter, guard.MaxReadingAge, guard.MaxRefusalReadingAge, guard.PriceRefreshAfter) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500));
        (guard.MaxRequestCost, guard.LeaseDuration) = (1m, TimeSpan.FromHours(1));
        guard.Budgets.Add(new AppBudgetOptions { Limit = 1_000_000m });
        guard.RunawayLimits.Add(new RunawayLimitOptions { MaxRequests = 10_000_000, Window = TimeSpan.FromMinutes(1) });
        Books = new TallyLedger(new InMemoryBillingLedger());
        _guard = new BillingGuard(_billing, _options, new() { Ledger = Books, Logger = Log });
    }

    public string Key { get; }

    public TallyLedger Books { get; }

    public CountingLogger<BillingGuard> Log { get; } = new();

    public Task WaitUntilReconciledAsync() => _guard.WaitUntilReconciledAsync();

    /// <summary>A client for some requests to this address.</summary>
    public HttpClient Client(Uri address)
    {
        var options = new OpenRouterBillingOptions { ApiKey = Key, ManagementKey = TestData.ManagementKey, BaseAddress = address };
        return new HttpClient(new BillingGuardHandler(_guard, options) { InnerHandler = new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero } }) { Timeout = BillingClientKit.Patience };
    }

    public void Dispose() => _billing.Dispose();
}
