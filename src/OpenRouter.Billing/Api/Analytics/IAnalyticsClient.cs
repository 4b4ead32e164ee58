namespace OpenRouter.Billing;

/// <summary>Asks OpenRouter's analytics: any of its figures, by up to two dimensions, in any range of time. Safe for concurrent use.</summary>
/// <remarks>
/// Both calls need a management key. They throw <see cref="CredentialMissingException"/> when none is set (nothing was sent),
/// <see cref="OpenRouterApiException"/> when OpenRouter refuses (401: the key is unknown, disabled or expired; 403: it is no
/// management key; 400: the query is not accepted; 408: the query took too long) or answers unreadably, and
/// <see cref="OpenRouterConnectionException"/> when no answer came in time.
/// </remarks>
public interface IAnalyticsClient
{
    /// <summary>Reads which metrics, dimensions, operators and time steps queries may use at present.</summary>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The names; they change over time, so read them when the app runs.</returns>
    /// <remarks><c>GET /analytics/meta</c>.</remarks>
    Task<AnalyticsMeta> GetMetaAsync(CancellationToken cancellationToken = default);

    /// <summary>Asks a query. It only reads, so it is repeated after passing faults, although it is a POST.</summary>
    /// <param name="query">What to ask.</param>
    /// <param name="meta">
    /// Which names to accept; <see langword="null"/> to check only what is the same for every account (see <see cref="AnalyticsQuery.Validate"/>).
    /// With it the answer also knows which metrics are rates, which cannot be added up.
    /// </param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The rows, and whether they are all there are.</returns>
    /// <exception cref="AnalyticsQueryException">The query cannot be asked; the message names the value and what is allowed. Nothing was sent.</exception>
    /// <remarks><c>POST /analytics/query</c>.</remarks>
    Task<AnalyticsResult> QueryAsync(AnalyticsQuery query, AnalyticsMeta? meta = null, CancellationToken cancellationToken = default);
}
