using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>A ledger on which one lease may stand for many requests.</summary>
internal interface IBulkLedger : ISpendLedger
{
    /// <summary>Settles all units of a lease at once. A repetition changes nothing.</summary>
    /// <param name="lease">The lease; an unknown one changes nothing.</param>
    /// <param name="settlement">What its requests used together.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>When the ledger has taken it over.</returns>
    ValueTask SettleAsync(LeaseId lease, BulkSettlement settlement, CancellationToken cancellationToken = default);
}
