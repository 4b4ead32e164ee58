using System.Collections.Concurrent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Settlement;

/// <summary>Passes everything on to the books, and notes what each lease claimed and what it was settled at.</summary>
internal sealed class WitnessLedger(IBillingLedger books) : IBillingLedger
{
    private readonly ConcurrentDictionary<LeaseId, long> _claimed = new();
    private readonly ConcurrentDictionary<(LeaseId, LimitUnit), long> _settled = new();

    /// <summary>US dollars that were booked.</summary>
    public decimal Booked => Sum(LimitUnit.UsDollars);

    /// <summary>US dollars that were booked on limits which count the account's own provider keys too.</summary>
    public decimal BookedWithByok => Sum(LimitUnit.UsDollarsWithByok);

    /// <summary>Leases whose money is held still.</summary>
    public int Open => _claimed.Keys.Count(lease => !_settled.ContainsKey((lease, LimitUnit.UsDollars)));

    public int Leases => _claimed.Count;

    public async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        var answer = await books.AcquireAsync(claims, leaseDuration, cancellationToken);
        if (answer.Lease is { } lease)
        {
            _claimed[lease] = claims.Where(claim => claim.Unit == LimitUnit.UsDollars).Select(claim => claim.Amount).DefaultIfEmpty().Max();
        }

        return answer;
    }

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => books.PeekAsync(claims, cancellationToken);

    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        // The first time counts.
        _settled.TryAdd((lease, unit), amount);
        return books.SettleAsync(lease, unit, amount, cancellationToken);
    }

    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
    {
        _settled.TryAdd((lease, LimitUnit.UsDollars), 0);
        return books.ReleaseAsync(lease, cancellationToken);
    }

    private decimal Sum(LimitUnit unit) => _settled.Where(entry => entry.Key.Item2 == unit).Sum(entry => entry.Value) / 1_000_000_000m;
}
