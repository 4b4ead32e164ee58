using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>Passes everything on to the books, and adds up what was booked, in memory that does not grow with it.</summary>
internal sealed class TallyLedger(IBillingLedger books) : IBillingLedger
{
    private readonly object _gate = new();
    private readonly HashSet<LeaseId> _open = [];
    private long _booked;

    /// <summary>US dollars that were booked.</summary>
    public decimal Booked
    {
        get
        {
            lock (_gate)
            {
                return _booked / 1_000_000_000m;
            }
        }
    }

    /// <summary>Leases that are neither settled nor released.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    public async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        var answer = await books.AcquireAsync(claims, leaseDuration, cancellationToken);
        if (answer.Lease is { } lease)
        {
            lock (_gate)
            {
                _open.Add(lease);
            }
        }

        return answer;
    }

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => books.PeekAsync(claims, cancellationToken);

    public async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        await books.SettleAsync(lease, unit, amount, cancellationToken);
        if (unit == LimitUnit.UsDollars)
        {
            Close(lease, amount);
        }
    }

    public async ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
    {
        await books.ReleaseAsync(lease, cancellationToken);
        Close(lease, 0);
    }

    // The first time counts.
    private void Close(LeaseId lease, long amount)
    {
        lock (_gate)
        {
            _booked += _open.Remove(lease) ? amount : 0;
        }
    }
}
