namespace OpenRouter.Billing;

/// <summary>Reads what sessions of well-known apps cost with each model. Safe for concurrent use.</summary>
public interface ISessionCostsClient
{
    /// <summary>Reads the costs, page after page; OpenRouter gives out up to 5,500 rows.</summary>
    /// <param name="query">Which ones; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The costs, all from the same days.</returns>
    /// <exception cref="ArgumentException">A slug or range is blank, too long or a key; nothing was sent.</exception>
    /// <exception cref="CredentialMissingException">No key at all is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (429: 30 calls a minute and 500 a day are free) or answered unreadably, or the data was made anew again and again while it was read.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /datasets/session-cost</c>. Any valid key will do.</remarks>
    Task<SessionCosts> GetAsync(SessionCostQuery? query = null, CancellationToken cancellationToken = default);
}
