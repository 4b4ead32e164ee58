using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>A ledger's tables in one kind of database. Every call is one transaction; a call that throws may have been carried out.</summary>
internal abstract class LedgerStore : IAsyncDisposable
{
    /// <summary>Takes a lease, or tells how much of each limit is in use.</summary>
    /// <param name="order">The lease.</param>
    /// <param name="isRepeated">Whether it may have been taken already.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    public abstract Task<LedgerAnswer> AcquireAsync(LeaseOrder order, bool isRepeated, CancellationToken cancellationToken);

    public abstract Task<LimitUsage[]> PeekAsync(ClaimSet claims, CancellationToken cancellationToken);

    /// <summary>Books settlements and returns. What is not held any more is left alone, so that a repetition changes nothing.</summary>
    public abstract Task SettleAsync(IReadOnlyList<LeaseSettlement> settlements, CancellationToken cancellationToken);

    public abstract Task<IReadOnlyList<SpendEntry>> ReadSpendAsync(SpendQuery query, CancellationToken cancellationToken);

    public abstract Task<SharedValue?> ReadStateAsync(string name, CancellationToken cancellationToken);

    public abstract Task<bool> TryWriteStateAsync(string name, string text, long expectedVersion, TimeSpan? keepFor, CancellationToken cancellationToken);

    /// <summary>Forgets what can count no more.</summary>
    public abstract Task PruneAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
