using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>A ledger with one fault, so that a property can show that it would notice.</summary>
internal abstract class BrokenLedger(IBillingLedger inner) : IBillingLedger
{
    protected IBillingLedger Inner => inner;

    public virtual ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        inner.AcquireAsync(claims, leaseDuration, cancellationToken);

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
        inner.PeekAsync(claims, cancellationToken);

    public virtual ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) =>
        inner.SettleAsync(lease, unit, amount, cancellationToken);

    public virtual ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => inner.ReleaseAsync(lease, cancellationToken);
}

/// <summary>Sees settled use only: parallel requests do not see each other.</summary>
internal sealed class LeaseIgnoringLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        var usage = await Inner.PeekAsync(claims, cancellationToken);
        return await Inner.AcquireAsync([.. claims.Select((claim, index) => claim with { Capacity = claim.Capacity + usage[index].Leased })], leaseDuration, cancellationToken);
    }
}

/// <summary>Books a repetition again.</summary>
internal sealed class TwiceSettlingLedger(IBillingLedger inner, TimeProvider clock) : BrokenLedger(inner)
{
    private readonly HashSet<LeaseId> _settled = [];

    public override async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        await Inner.SettleAsync(lease, unit, amount, cancellationToken);
        if (!_settled.Add(lease))
        {
            var again = await Inner.AcquireAsync([Claims.Money("limit", 0, long.MaxValue, clock.GetUtcNow())], TimeSpan.FromHours(1), cancellationToken);
            await Inner.SettleAsync(again.Lease!.Value, unit, amount, cancellationToken);
        }
    }
}

/// <summary>Takes what was never settled for not spent.</summary>
internal sealed class ForgettingLedger(IBillingLedger inner, TimeProvider clock) : BrokenLedger(inner)
{
    private readonly List<(LeaseId Id, DateTimeOffset Deadline)> _leases = [];

    public override async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        foreach (var (id, _) in _leases.Where(lease => lease.Deadline <= clock.GetUtcNow()))
        {
            await Inner.ReleaseAsync(id, cancellationToken);
        }

        var answer = await base.AcquireAsync(claims, leaseDuration, cancellationToken);
        if (answer.Lease is { } lease)
        {
            _leases.Add((lease, clock.GetUtcNow() + leaseDuration));
        }

        return answer;
    }
}

/// <summary>Keeps what was held although less was used.</summary>
internal sealed class ClaimKeepingLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}

/// <summary>Drops the second that a claim's instant cuts through.</summary>
internal sealed class RoundingDownLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        base.AcquireAsync([.. claims.Select(claim => claim with { Since = claim.Since.AddSeconds(1) })], leaseDuration, cancellationToken);
}

/// <summary>Counts one second too much.</summary>
internal sealed class RoundingUpLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        base.AcquireAsync([.. claims.Select(claim => claim with { Since = claim.Since.AddSeconds(-1) })], leaseDuration, cancellationToken);
}

/// <summary>Reads "at most" as "less than".</summary>
internal sealed class StrictLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        base.AcquireAsync([.. claims.Select(claim => claim with { Capacity = claim.Capacity - 1 })], leaseDuration, cancellationToken);
}

/// <summary>Takes a release back out of what was settled already.</summary>
internal sealed class UnsettlingLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => Inner.ReleaseAsync(lease, cancellationToken);
}

/// <summary>Looks at the first claim only.</summary>
internal sealed class FirstClaimLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        base.AcquireAsync([.. claims.Select((claim, index) => index == 0 ? claim : claim with { Capacity = long.MaxValue })], leaseDuration, cancellationToken);
}

/// <summary>Keeps the first claim where it refuses for the second.</summary>
internal sealed class HalfTakingLedger(IBillingLedger inner) : BrokenLedger(inner)
{
    public override async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        var answer = await Inner.AcquireAsync(claims, leaseDuration, cancellationToken);
        if (answer.Lease is null && claims.Count > 1)
        {
            await Inner.AcquireAsync([claims[0]], leaseDuration, cancellationToken);
        }

        return answer;
    }
}
