namespace OpenRouter.Billing.Guard;

/// <summary>Tells by its handlers what lies between a guard and the network.</summary>
internal static class Routes
{
    public static Route Over(HttpMessageHandler? inner) => IsNetwork(inner) ? Route.Sockets : SendsOnce(inner) ? Route.SendsOnce : Route.MayRepeat;

    /// <summary>Whether only the framework's own handlers come.</summary>
    public static bool IsNetwork(HttpMessageHandler? inner)
    {
        while (inner is DelegatingHandler handler && IsOfFactory(handler))
        {
            inner = handler.InnerHandler;
        }

        return inner is SocketsHttpHandler || inner?.GetType() == typeof(HttpClientHandler);
    }

    // Any handler between the guard and the network may send more than once. The factory's own, which log, do not.
    private static bool SendsOnce(HttpMessageHandler? inner)
    {
        while (inner is DelegatingHandler handler)
        {
            if (handler is not BillingGuardHandler && !IsOfFactory(handler))
            {
                return false;
            }

            inner = handler.InnerHandler;
        }

        return true;
    }

    private static bool IsOfFactory(DelegatingHandler handler) => handler.GetType().Assembly == typeof(IHttpClientFactory).Assembly;
}
