namespace OpenRouter.Billing.Sql;

/// <summary>Starts what serves all callers, so that it is no part of the request, the trace or the transaction of the one who came first.</summary>
internal static class Detached
{
    public static T Start<T>(Func<T> start)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl) : ExecutionContext.SuppressFlow())
        {
            return start();
        }
    }
}
