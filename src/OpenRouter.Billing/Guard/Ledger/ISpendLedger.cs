namespace OpenRouter.Billing.Guard;

/// <summary>A ledger that also keeps sums of what was spent, by whom and on what. Safe for concurrent use.</summary>
public interface ISpendLedger : IBillingLedger
{
    /// <summary>Takes all claims of a request, or none, and remembers whose spending its settlement will be.</summary>
    /// <param name="request">The claims, and on whose behalf. The claims are read before the method returns.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The lease, or how much of each limit is in use.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative; nothing is held then.</exception>
    ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default);

    /// <summary>Sums up what was spent.</summary>
    /// <param name="query">Which spending, and by what; <see langword="null"/> for all of it by day.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    /// <returns>The sums, the earliest day first and within a day the largest cost first.</returns>
    IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, CancellationToken cancellationToken = default);
}
