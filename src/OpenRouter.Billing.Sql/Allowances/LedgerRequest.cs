using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>What one request asks of a ledger.</summary>
/// <param name="Claims">The claims.</param>
/// <param name="Duration">After which time an unsettled lease counts as spent in full.</param>
/// <param name="Labels">Whose spending; null when it is not summed up.</param>
/// <param name="ClaimedCost">What counts as spent when it is never settled, in nano-dollars.</param>
internal readonly record struct LedgerRequest(IReadOnlyList<LimitClaim> Claims, TimeSpan Duration, SpendLabels? Labels, long ClaimedCost)
{
    public ValueTask<LedgerAnswer> AcquireAsync(ISpendLedger ledger, CancellationToken cancellationToken) => Labels is { } labels
        ? ledger.AcquireAsync(new LeaseRequest { Claims = Claims, Duration = Duration, Labels = labels, ClaimedCost = ClaimedCost }, cancellationToken)
        : ledger.AcquireAsync(Claims, Duration, cancellationToken);
}
