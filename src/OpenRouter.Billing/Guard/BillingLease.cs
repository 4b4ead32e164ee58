using System.Diagnostics;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>What a request holds on its limits while it runs. Safe for concurrent use.</summary>
/// <remarks>
/// A lease that is neither settled nor released expires after <see cref="BillingGuardOptions.LeaseDuration"/> and then
/// counts as spent in full: the safe side.
/// </remarks>
public sealed class BillingLease
{
    private readonly IBillingLedger _ledger;
    private readonly LeaseId? _id;
    private int _isClosed;
    private volatile bool _isLate;
    private volatile bool _isCounted;
    private decimal _settledCost;
    private volatile bool _isSettled;

    /// <summary>Builds a lease over what a ledger granted.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="id">What it granted; <see langword="null"/> when the request claims nothing.</param>
    /// <param name="claimedCost">What the request may cost, in US dollars.</param>
    public BillingLease(IBillingLedger ledger, LeaseId? id, decimal claimedCost)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        _ledger = ledger;
        _id = id;
        ClaimedCost = claimedCost;
    }

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; 0 for a free request.</value>
    public decimal ClaimedCost { get; }

    /// <summary>Gets the output cap that the request must be sent with, because the money does not afford its own.</summary>
    /// <value>Tokens; <see langword="null"/> when the request goes out as it is.</value>
    public long? OutputCap { get; init; }

    /// <summary>Gets the refusal that was not enforced, because the guard only observes.</summary>
    /// <value><see langword="null"/> when the request may go out.</value>
    public BillingVerdict? Refusal { get; init; }

    /// <summary>Gets what was booked.</summary>
    /// <value>US dollars of credits; <see langword="null"/> until the lease is settled. What nobody could find out is booked as <see cref="ClaimedCost"/>.</value>
    public decimal? SettledCost => _isSettled ? _settledCost : null;

    /// <summary>Gets who finds out what an answer cost that did not say so; null for nobody.</summary>
    internal Reconciler? Reconciler { get; init; }

    /// <summary>Gets who bounds what a request waits for while it is on its way; null for leases that no guard handed out.</summary>
    internal BoundedLedger? Bounds { get; init; }

    /// <summary>Gets that bound.</summary>
    internal TimeSpan Patience { get; init; }

    /// <summary>Gets the key to ask with; null for the one in the options.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal string? ApiKey { get; init; }

    /// <summary>Gets what settlements are measured with; null for leases that no guard handed out.</summary>
    internal GuardMeter? Meter { get; init; }

    /// <summary>Gets the request's way past the brake; null when there is none.</summary>
    internal BrakePass? Pass { get; init; }

    /// <summary>Gets whose figures will show the cost; null when nobody found out.</summary>
    internal AccountSnapshot? Account { get; init; }

    /// <summary>Books what the request really cost. The first time counts.</summary>
    /// <param name="cost">US dollars of credits as billed, rounded up to whole billionths; 0 when nothing was charged.</param>
    /// <param name="cancellationToken">Gives the booking up; it may be tried again.</param>
    /// <returns>When the ledger has taken it over.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cost"/> is negative.</exception>
    public ValueTask SettleAsync(decimal cost, CancellationToken cancellationToken = default) => SettleAsync(cost, 0, cancellationToken);

    /// <summary>Books what the request really cost, some of it through the account's own provider keys. The first time counts.</summary>
    /// <param name="cost">US dollars of credits as billed, rounded up to whole billionths; 0 when nothing was charged.</param>
    /// <param name="byokCost">US dollars spent through the account's own provider keys on top, which only limits that include them count.</param>
    /// <param name="cancellationToken">Gives the booking up; it may be tried again.</param>
    /// <returns>When the ledger has taken it over.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A cost is negative.</exception>
    public async ValueTask SettleAsync(decimal cost, decimal byokCost, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cost);
        ArgumentOutOfRangeException.ThrowIfNegative(byokCost);
        TellOnce(cost);
        if (_id is { } id)
        {
            // Begun together: a ledger that gathers what it writes writes them at once, and whatever becomes of one, the others are booked.
            var requests = _isCounted ? ValueTask.CompletedTask : BookAsync(id, LimitUnit.Requests, 1, cancellationToken);
            var dollars = BookAsync(id, LimitUnit.UsDollars, NanoDollars.RoundUp(cost), cancellationToken);
            var dollarsWithByok = BookAsync(id, LimitUnit.UsDollarsWithByok, NanoDollars.RoundUp(cost, byokCost), cancellationToken);
            if (!requests.IsCompletedSuccessfully || !dollars.IsCompletedSuccessfully || !dollarsWithByok.IsCompletedSuccessfully)
            {
                await Task.WhenAll(requests.AsTask(), dollars.AsTask(), dollarsWithByok.AsTask()).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Has the guard find out what the request cost, because its answer did not say so: it asks OpenRouter in the background for
    /// as long as <see cref="BillingGuardOptions.ReconcileFor"/> says, and holds the full claim until then.
    /// </summary>
    /// <param name="generationId">The answer's id, such as <c>gen-…</c>: its <c>X-Generation-Id</c> header, or the <c>id</c> in its body.</param>
    /// <param name="cancellationToken">Gives the booking up, not the question.</param>
    /// <returns>When the guard has taken the question over, or, where it cannot ask or the lease is not a guard's, when the full claim is booked.</returns>
    /// <exception cref="ArgumentException"><paramref name="generationId"/> is empty.</exception>
    /// <remarks><c>total_cost</c> of <c>GET /generation</c>. What is not found out in time is booked at the full claim.</remarks>
    public ValueTask ReconcileAsync(string generationId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(generationId);
        // It will be booked long after it was billed, and says nothing of how soon a bill shows.
        _isLate = true;
        // A claim of nothing is settled by nothing, whatever the answer would be.
        return _id is not null && ClaimedCost > 0 && Reconciler?.TryTake(this, generationId, ApiKey) == true
            ? ValueTask.CompletedTask
            : SettleAsync(ClaimedCost, cancellationToken);
    }

    /// <summary>Gives everything back. Only for a request that provably never reached the server: a refused one still counts.</summary>
    /// <param name="cancellationToken">Gives the return up; it may be tried again.</param>
    /// <returns>When the ledger has taken it over.</returns>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken = default)
    {
        CloseOnce();
        if (_id is { } id)
        {
            await _ledger.ReleaseAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives everything back while a request is on its way, which does not hang or fail by it.</summary>
    internal ValueTask GiveBackAsync(CancellationToken cancellationToken) =>
        Bounds is null ? ReleaseAsync(cancellationToken) : Bounds.GiveBackAsync(ReleaseAsync(CancellationToken.None), Patience, cancellationToken);

    /// <summary>Books that the request has arrived: the server counts it then, and a long stream must not hold a place in the minute.</summary>
    internal async ValueTask CountRequestAsync()
    {
        if (_id is { } id)
        {
            await BookAsync(id, LimitUnit.Requests, 1, CancellationToken.None).ConfigureAwait(false);
            _isCounted = true;
        }
    }

    private void TellOnce(decimal cost)
    {
        if (!CloseOnce())
        {
            return;
        }

        _settledCost = cost;
        _isSettled = true;
        Meter?.Settled(ClaimedCost, cost);
        Pass?.Spent(cost);
        // A cost that is the claim itself is a guess, not a bill: in the figures it will look like somebody else's.
        if (cost > 0 && cost != ClaimedCost && !_isLate)
        {
            Account?.Spent(cost);
        }
    }

    private bool CloseOnce()
    {
        var isFirst = Interlocked.Exchange(ref _isClosed, 1) == 0;
        if (isFirst && _id is not null)
        {
            Meter?.LeaseClosed();
        }

        return isFirst;
    }

    // A ledger that throws before there is something to wait for keeps nobody from the next unit.
    private async ValueTask BookAsync(LeaseId id, LimitUnit unit, long amount, CancellationToken cancellationToken) =>
        await _ledger.SettleAsync(id, unit, amount, cancellationToken).ConfigureAwait(false);
}
