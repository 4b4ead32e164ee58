namespace OpenRouter.Billing.Foresight;

/// <summary>All that alerts are decided by, read at one time.</summary>
/// <param name="Figures">The account.</param>
/// <param name="Balance">How long the balance lasts.</param>
/// <param name="Limits">Capped keys and the app's own budgets.</param>
/// <param name="ExpiringModels">The models that were used and have an end.</param>
internal sealed record AccountReview(AccountFigures Figures, Forecast Balance, IReadOnlyList<Forecast> Limits, IReadOnlyList<(string Id, DateOnly ExpiresOn)> ExpiringModels)
{
    public static async Task<AccountReview> ReadAsync(BillingForecaster forecaster, ExpiringModels models, CancellationToken cancellationToken)
    {
        var figures = await forecaster.ReadAsync(cancellationToken).ConfigureAwait(false);
        var activity = figures.Keys is null ? [] : await forecaster.ReadModelsAsync(cancellationToken).ConfigureAwait(false);
        return new AccountReview(
            figures,
            await forecaster.ForecastBalanceAsync(figures, cancellationToken).ConfigureAwait(false),
            await forecaster.ForecastLimitsAsync(figures, cancellationToken).ConfigureAwait(false),
            await models.ReadAsync(figures.Spend, activity, cancellationToken).ConfigureAwait(false));
    }
}
