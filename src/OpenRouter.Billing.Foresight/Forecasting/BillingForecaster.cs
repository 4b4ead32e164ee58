using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <inheritdoc cref="IBillingForecaster"/>
internal sealed class BillingForecaster(
    Func<IOpenRouterBillingClient> createClient,
    ISpendLedger? ledger,
    Func<OpenRouterBillingOptions> options,
    TimeProvider timeProvider) : IBillingForecaster, IDisposable
{
    /// <summary>Each costs a question of its own.</summary>
    private const int MostKeys = 25;

    private const string NoManagementKey = "The balance is unknown: set ManagementKey to have it read.";
    private const string PaysByInvoice = "The account pays by invoice, so there is no balance.";

    private readonly ActivityDays _activity = new(timeProvider);

    public async Task<Forecast> ForecastAsync(CancellationToken cancellationToken = default) =>
        await ForecastBalanceAsync(await ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<Forecast>> ForecastLimitsAsync(CancellationToken cancellationToken = default) =>
        await ForecastLimitsAsync(await ReadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Reads what both forecasts rest on.</summary>
    public Task<AccountFigures> ReadAsync(CancellationToken cancellationToken) => AccountFigures.ReadAsync(createClient(), ledger, options(), timeProvider, cancellationToken);

    public async Task<Forecast> ForecastBalanceAsync(AccountFigures figures, CancellationToken cancellationToken)
    {
        var own = LedgerDays.History(LedgerDays.Sum(figures.Spend), figures.At);
        if (figures.Keys is not { } keys)
        {
            return Missing(Of(own, null, ForecastSource.Ledger), NoManagementKey);
        }

        var days = await _activity.ReadAsync(createClient(), apiKeyHash: null, withByok: false, cancellationToken).ConfigureAwait(false);
        // Neither knows all of today: the keys lag and lack the deleted ones, the ledger lacks other apps.
        var today = Math.Max(keys.Sum(key => key.Usage.Today ?? 0), own.SpentToday ?? 0);
        var forecast = Of(new SpendHistory { At = figures.At, Days = days, SpentToday = today }, figures.Balance?.Remaining, ForecastSource.Activity);
        return figures.Balance is null ? Missing(forecast, PaysByInvoice) : forecast;
    }

    public async Task<IReadOnlyList<Forecast>> ForecastLimitsAsync(AccountFigures figures, CancellationToken cancellationToken)
    {
        var forecasts = new List<Forecast>();
        if (figures.Keys is { } keys)
        {
            var capped = keys.Where(key => key.Limit is not null && key.IsDisabled != true && !(key.ExpiresAt <= figures.At));
            foreach (var key in capped.OrderBy(key => key.Limit > 0 ? key.Remaining / key.Limit : 0).Take(MostKeys))
            {
                forecasts.Add(await ForecastKeyAsync(key, figures, cancellationToken).ConfigureAwait(false));
            }
        }
        else if (figures.CurrentKey is { Limit: not null } current)
        {
            forecasts.Add(ForecastCurrentKey(current, figures));
        }

        return [.. forecasts, .. new BudgetForecasts(options().Guard.Budgets, figures.At).Of(figures.Spend)];
    }

    /// <summary>Reads which models the account has used in its completed days.</summary>
    public Task<IReadOnlyList<string>> ReadModelsAsync(CancellationToken cancellationToken) => _activity.ReadModelsAsync(createClient(), cancellationToken);

    public void Dispose() => _activity.Dispose();

    private static Forecast Of(SpendHistory history, decimal? remaining, ForecastSource source, DateTimeOffset? resetsAt = null)
    {
        var forecast = Forecast.Of(history, remaining, resetsAt);
        return forecast with { Basis = forecast.Basis with { Source = source } };
    }

    private static Forecast Missing(Forecast forecast, string what) => forecast with { Basis = forecast.Basis with { Missing = what } };

    private async Task<Forecast> ForecastKeyAsync(ApiKey key, AccountFigures figures, CancellationToken cancellationToken)
    {
        var withByok = key.IncludesByokInLimit == true;
        var days = await _activity.ReadAsync(createClient(), key.Hash, withByok, cancellationToken).ConfigureAwait(false);
        var today = key.Usage.Today + (withByok ? key.ByokUsage.Today ?? 0 : 0);
        var forecast = Of(new SpendHistory { At = figures.At, Days = days, SpentToday = today }, key.Remaining, ForecastSource.Activity, key.NextReset(figures.At));
        return forecast with { Limit = ForecastLimit.KeyCap, Name = key.Name, KeyHash = key.Hash, Capacity = key.Limit };
    }

    private Forecast ForecastCurrentKey(ApiKeyStatus key, AccountFigures figures)
    {
        var hash = options().ApiKey is { } secret ? KeyHash.Of(secret) : null;
        var withByok = key.IncludesByokInLimit == true;
        var own = LedgerDays.History(LedgerDays.Sum(figures.Spend.Where(entry => entry.Labels.KeyHash == hash), withByok), figures.At);
        var today = key.Usage.Today + (withByok ? key.ByokUsage.Today ?? 0 : 0);
        var forecast = Of(own with { SpentToday = today ?? own.SpentToday }, key.Remaining, ForecastSource.Ledger, key.Reset?.NextReset(figures.At));
        return forecast with { Limit = ForecastLimit.KeyCap, KeyHash = hash, Capacity = key.Limit };
    }
}
