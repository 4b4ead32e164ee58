using System.Net;

namespace OpenRouter.Billing.Wire;

/// <summary>What a failed write says about whether it was carried out.</summary>
internal static class WriteOutcome
{
    /// <summary>Whether the change may have been made, or may still be: only a refusal, or a connection that never came about, rules it out.</summary>
    public static bool IsUncertain(Exception exception) => exception switch
    {
        OpenRouterApiException { StatusCode: HttpStatusCode.RequestTimeout } => true,
        OpenRouterApiException api => (int)api.StatusCode is < 300 or >= 500,
        OpenRouterConnectionException connection => connection.MayHaveArrived,
        CredentialMissingException => false,
        _ => true,
    };
}
