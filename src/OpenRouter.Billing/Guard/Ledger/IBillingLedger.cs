namespace OpenRouter.Billing.Guard;

/// <summary>Counts what was used and holds what is about to be: the only thing in the guard that has state. Safe for concurrent use.</summary>
/// <remarks>
/// The rule it keeps, for any interleaving: on every limit, settled use since the claim's instant plus everything leased
/// stays at or below the capacity. A lease that is never settled expires and then counts in full, as of its expiry.
/// </remarks>
public interface IBillingLedger
{
    /// <summary>Takes all claims of a request, or none.</summary>
    /// <param name="claims">The claims. Several on one limit are added up, and each of their capacities must hold the sum. Read before the method returns.</param>
    /// <param name="leaseDuration">After which time an unsettled lease counts as spent in full.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The lease, or how much of each limit is in use.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative; nothing is held then.</exception>
    ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default);

    /// <summary>Looks at limits and takes nothing.</summary>
    /// <param name="claims">The claims whose limits to look at.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>How much of each limit is in use, in the order of the claims.</returns>
    ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default);

    /// <summary>Replaces what a lease holds of one unit by what was really used. Once per lease and unit; a repetition changes nothing.</summary>
    /// <param name="lease">The lease; an unknown one changes nothing.</param>
    /// <param name="unit">Which of its claims.</param>
    /// <param name="amount">What was used on each of them: nano-dollars or requests; not negative, and possibly more than claimed.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>When the ledger has taken it over.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amount"/> is negative; nothing is booked then.</exception>
    ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default);

    /// <summary>Gives back what a lease still holds: the request provably never reached the server. A repetition changes nothing.</summary>
    /// <param name="lease">The lease; an unknown one changes nothing.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>When the ledger has taken it over.</returns>
    ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default);
}
