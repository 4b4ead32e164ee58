using System.Data.Common;
using System.Transactions;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// Opens connections that take no part in a transaction of the app's. What is granted counts for all at once, and what is settled
/// stays, whatever becomes of the app's own work; and no limit stays locked until that work ends.
/// </summary>
internal static class OwnConnections
{
    public static async Task<DbConnection> OpenOwnConnectionAsync(this DbDataSource dataSource, CancellationToken cancellationToken)
    {
        // Drivers join the transaction around the call, and only when they open.
        using var none = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        none.Complete();
        return connection;
    }
}
