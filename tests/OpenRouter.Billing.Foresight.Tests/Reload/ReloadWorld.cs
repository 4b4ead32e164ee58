using OpenRouter.Billing.Foresight.Tests.Purchases;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>An account that is nearly empty, with processes that may reload it.</summary>
public sealed class ReloadWorld : IDisposable, IBillingForecaster, ICreditReloader
{
    private readonly List<(DateTimeOffset At, ReloadRequest Request)> _calls = [];

    public ReloadWorld(Func<ISharedState, ISharedState>? over = null) => State = over?.Invoke(Account.State) ?? Account.State;

    public PurchaseWorld Account { get; } = new();

    public ISharedState State { get; }

    /// <summary>Gets what the app wants. The clock jumps over what is waited for, and must not jump over a call that is under way.</summary>
    public ReloadOptions Options { get; } = new() { Threshold = 20, Amount = 25, CallTimeout = TimeSpan.FromDays(3) };

    public decimal Balance { get; set; } = 8;

    internal PurchaseNews News { get; init; } = new(null, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    public IReadOnlyList<(DateTimeOffset At, ReloadRequest Request)> Calls => _calls;

    /// <summary>What the app's hook does; it declines unless told otherwise.</summary>
    public Func<ReloadRequest, CancellationToken, ValueTask<ReloadAnswer>> Hook { get; set; } = (_, _) => ValueTask.FromResult(new ReloadAnswer());

    /// <summary>Another process of the same account.</summary>
    public IBillingReload Process() => new BillingReload(() => Account.Billing, this, Account.Purchases, this, State, "account", News, () => Options, Account.Clock);

    public Task<Forecast> ForecastAsync(CancellationToken cancellationToken = default) => Task.FromResult(Forecasts.Unknown(Balance));

    public Task<IReadOnlyList<Forecast>> ForecastLimitsAsync(CancellationToken cancellationToken = default) => throw new InvalidOperationException("Nobody asks for limits.");

    public ValueTask<ReloadAnswer> ReloadAsync(ReloadRequest request, CancellationToken cancellationToken = default)
    {
        lock (_calls)
        {
            _calls.Add((Account.Clock.GetUtcNow(), request));
        }

        return Hook(request, cancellationToken);
    }

    /// <summary>A hook that buys what it is asked for, which arrives after a while.</summary>
    public void Buys(TimeSpan arrival, decimal? arrives = null) => Hook = (request, _) =>
    {
        Account.Arrive(arrival, arrives ?? request.Amount);
        return ValueTask.FromResult(new ReloadAnswer { Bought = request.Amount, Reference = "receipt 1" });
    };

    public void Dispose() => Account.Dispose();
}
