namespace OpenRouter.Billing.Guard;

/// <summary>What lies between the guard and the network.</summary>
internal enum Route
{
    /// <summary>Handlers that may send more than once: a failure is that of the last attempt.</summary>
    MayRepeat,

    /// <summary>A handler that sends once, in its own way.</summary>
    SendsOnce,

    /// <summary>Nothing but the framework's own handlers.</summary>
    Sockets,
}
