namespace OpenRouter.Billing;

/// <summary>Reads what was used and what it cost, by day, model and endpoint. Safe for concurrent use.</summary>
public interface IActivityClient
{
    /// <summary>Reads the activity of the last 30 completed UTC days; the current day is never in it.</summary>
    /// <param name="query">Which activity; <see langword="null"/> for all of the account.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The rows in the server's order; empty when nothing was used.</returns>
    /// <exception cref="ArgumentException">A filter of <paramref name="query"/> cannot be one.</exception>
    /// <exception cref="CredentialMissingException">No management key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401 or 403: not a management key; 400: a day out of range) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /activity</c>.</remarks>
    Task<IReadOnlyList<ActivityEntry>> ListAsync(ActivityQuery? query = null, CancellationToken cancellationToken = default);
}
