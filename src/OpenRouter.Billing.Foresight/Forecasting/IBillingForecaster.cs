namespace OpenRouter.Billing.Foresight;

/// <summary>Says how fast an account's money goes and when it is gone. Safe for concurrent use.</summary>
/// <remarks>
/// The activity of the completed days is read at most once an hour and shared by all questions; the balance, the keys and what the
/// day has cost so far are read anew for each.
/// </remarks>
public interface IBillingForecaster
{
    /// <summary>Says how long the account's balance lasts.</summary>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>
    /// The forecast. Without a management key the days come from the ledger, and the balance is unknown. Nothing is made up:
    /// <see cref="ForecastOutcome.Unknown"/> says that there is too little data.
    /// </returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /credits</c>, <c>GET /activity</c>, <c>GET /key</c> and <c>GET /keys</c>, and the ledger's sums.</remarks>
    Task<Forecast> ForecastAsync(CancellationToken cancellationToken = default);

    /// <summary>Says of each key with a cap, and of each of the app's own budgets, whether it lasts until it starts again.</summary>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>The forecasts, the keys first. Without a management key only the registered key is among them.</returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /keys</c> and <c>GET /activity</c> for each capped key (of more than 25, those with the least left of their cap), else <c>GET /key</c>; and the ledger's sums.</remarks>
    Task<IReadOnlyList<Forecast>> ForecastLimitsAsync(CancellationToken cancellationToken = default);
}
