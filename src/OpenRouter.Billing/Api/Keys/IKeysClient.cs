namespace OpenRouter.Billing;

/// <summary>Reads keys. Safe for concurrent use.</summary>
public interface IKeysClient
{
    /// <summary>Reads what OpenRouter says about the inference key of the options.</summary>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The key's limits, spending and rights.</returns>
    /// <exception cref="CredentialMissingException">No inference key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401: the key is unknown, disabled or expired) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /key</c>.</remarks>
    Task<ApiKeyStatus> GetCurrentAsync(CancellationToken cancellationToken = default);
}
