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

    /// <summary>Refuses what no ledger can hold.</summary>
    /// <exception cref="ArgumentException">A claim names no limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A claim's unit is unknown, or the time is negative.</exception>
    public void Check()
    {
        ArgumentNullException.ThrowIfNull(Claims);
        ArgumentOutOfRangeException.ThrowIfLessThan(Duration, TimeSpan.Zero);
        var claims = RequestShape.AsSpan(Claims);
        for (var index = 0; index < claims.Length; index++)
        {
            ref readonly var claim = ref claims[index];
            if (claim.Limit is null)
            {
                throw new ArgumentException($"Claim {index} names no limit: make it with LimitClaim.InUsDollars or InRequests.", "claims");
            }

            if (!Enum.IsDefined(claim.Unit))
            {
                throw new ArgumentOutOfRangeException("claims", claim.Unit, $"Claim {index}, on {claim.Limit}, has no such unit. Use one of the units of LimitUnit.");
            }
        }
    }
}
