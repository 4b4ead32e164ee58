using System.Transactions;

namespace OpenRouter.Billing.Sql;

/// <summary>Starts what is no part of its caller's request, trace or transaction.</summary>
internal static class Detached
{
    /// <summary>Starts what serves all callers and outlives the one who came first.</summary>
    public static T Start<T>(Func<T> start)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl) : ExecutionContext.SuppressFlow())
        {
            return start();
        }
    }

    /// <summary>
    /// Calls a database, outside a transaction of the app's if there is one, because drivers join it: what is granted would be forgotten
    /// when it is rolled back, and its limits be locked until it ends.
    /// </summary>
    public static Task<T> CallAsync<T>(Func<Task<T>> call) => IsInTransaction() ? Start(() => Task.Run(call)) : call();

    private static bool IsInTransaction()
    {
        try
        {
            return Transaction.Current is not null;
        }
        catch (InvalidOperationException)
        {
            // It is complete already, and not over yet.
            return true;
        }
    }
}
