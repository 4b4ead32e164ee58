namespace OpenRouter.Billing;

/// <summary>A billing call got no answer: no connection, a broken one, or none within its time.</summary>
public sealed class OpenRouterConnectionException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which call, to which host, and what went wrong.</param>
    /// <param name="isTimeout">Whether the time ran out, as opposed to a connection that failed.</param>
    /// <param name="innerException">The fault of the last attempt; <see langword="null"/> when there was none.</param>
    public OpenRouterConnectionException(string message, bool isTimeout, Exception? innerException = null)
        : base(message, innerException) =>
        IsTimeout = isTimeout;

    /// <summary>Gets whether the time ran out, as opposed to a connection that failed.</summary>
    public bool IsTimeout { get; }

    /// <summary>Gets whether OpenRouter may have received the call, and a change may have been made.</summary>
    /// <value><see langword="true"/> by default; <see langword="false"/> when no connection came about, so that repeating is safe.</value>
    public bool MayHaveArrived { get; init; } = true;
}
