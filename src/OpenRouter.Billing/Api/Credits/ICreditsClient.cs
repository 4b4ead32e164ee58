namespace OpenRouter.Billing;

/// <summary>Reads the account's credits. Safe for concurrent use.</summary>
public interface ICreditsClient
{
    /// <summary>Reads what the account has bought and used.</summary>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The balance as OpenRouter has booked it; running requests are not in it yet.</returns>
    /// <exception cref="CredentialMissingException">No management key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401 or 403: not a management key) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks>
    /// <c>GET /credits</c>. An ordinary key in place of the management key may get a refusal, true numbers, or zeros: zeros
    /// from such a key mean "unknown", not "empty".
    /// </remarks>
    Task<CreditBalance> GetAsync(CancellationToken cancellationToken = default);
}
