using Polly;

namespace OpenRouter.Billing.Wire;

/// <summary>What a fault on the way says about the request: that it failed there, and whether anybody can have received it.</summary>
internal static class ConnectionFault
{
    /// <summary>Whether an exchange failed on its way: the connection, its compression, or an app's own resilience handler that gave up.</summary>
    public static bool IsOne(Exception exception) =>
        exception is HttpRequestException or IOException or InvalidDataException or ExecutionRejectedException;

    /// <summary>Whether the fault came before the request could be written anywhere: no address, no connection, no encryption, no tunnel.</summary>
    public static bool IsBeforeSending(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };
}
