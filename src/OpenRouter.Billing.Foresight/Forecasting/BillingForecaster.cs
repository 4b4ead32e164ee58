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

    public async Task<Forecast> ForecastAsync(CancellationToken cancellationToken = default)
    {
        var current = options();
        var client = createClient();
        var own = LedgerDays.Sum(await ReadLedgerAsync(new SpendQuery(), cancellationToken).ConfigureAwait(false));
        if (current.ManagementKey is null)
        {
            return Missing(Of(LedgerHistory(own), null, ForecastSource.Ledger), NoManagementKey);
        }

        var remaining = current.Guard.PaysByInvoice ? (decimal?)null : (await client.Credits.GetAsync(cancellationToken).ConfigureAwait(false)).Remaining;
        var days = await _activity.ReadAsync(client, apiKeyHash: null, withByok: false, cancellationToken).ConfigureAwait(false);
        var keys = await SpentTodayAsync(client, cancellationToken).ConfigureAwait(false);
        // Neither knows it all: the keys lag and lack the deleted ones, the ledger lacks other apps.
        var history = new SpendHistory { At = timeProvider.GetUtcNow(), Days = days, SpentToday = Math.Max(keys, own.GetValueOrDefault(Today)) };
        var forecast = Of(history, remaining, ForecastSource.Activity);
        return remaining is null ? Missing(forecast, PaysByInvoice) : forecast;
    }

    public async Task<IReadOnlyList<Forecast>> ForecastLimitsAsync(CancellationToken cancellationToken = default)
    {
        var client = createClient();
        var forecasts = new List<Forecast>();
        if (options().ManagementKey is not null)
        {
            await foreach (var key in CappedKeysAsync(client, cancellationToken).ConfigureAwait(false))
            {
                forecasts.Add(await ForecastKeyAsync(client, key, cancellationToken).ConfigureAwait(false));
            }
        }
        else if (await client.Keys.GetCurrentAsync(cancellationToken).ConfigureAwait(false) is { Limit: not null } current)
        {
            forecasts.Add(await ForecastCurrentKeyAsync(current, cancellationToken).ConfigureAwait(false));
        }

        var budgets = new BudgetForecasts(options().Guard.Budgets, timeProvider.GetUtcNow());
        forecasts.AddRange(budgets.Of(await ReadLedgerAsync(BudgetForecasts.Query, cancellationToken).ConfigureAwait(false)));
        return forecasts;
    }

    public void Dispose() => _activity.Dispose();

    private DateOnly Today => DateOnly.FromDateTime(timeProvider.GetUtcNow().UtcDateTime);

    private static Forecast Of(SpendHistory history, decimal? remaining, ForecastSource source, DateTimeOffset? resetsAt = null)
    {
        var forecast = Forecast.Of(history, remaining, resetsAt);
        return forecast with { Basis = forecast.Basis with { Source = source } };
    }

    private static Forecast Missing(Forecast forecast, string what) => forecast with { Basis = forecast.Basis with { Missing = what } };

    private SpendHistory LedgerHistory(SortedDictionary<DateOnly, decimal> sums) => LedgerDays.History(sums, timeProvider.GetUtcNow());

    private async ValueTask<List<SpendEntry>> ReadLedgerAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        var entries = new List<SpendEntry>();
        if (ledger is not null)
        {
            await foreach (var entry in ledger.ReadSpendAsync(query, cancellationToken).ConfigureAwait(false))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private static async Task<decimal> SpentTodayAsync(IOpenRouterBillingClient client, CancellationToken cancellationToken)
    {
        var sum = 0m;
        var all = new KeyQuery { AllWorkspaces = true, IncludesDisabled = true, IncludesExpired = true };
        await foreach (var key in client.Keys.ListAsync(all, cancellationToken).ConfigureAwait(false))
        {
            sum += key.Usage.Today ?? 0;
        }

        return sum;
    }

    private static async IAsyncEnumerable<ApiKey> CappedKeysAsync(IOpenRouterBillingClient client, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var capped = new List<ApiKey>();
        await foreach (var key in client.Keys.ListAsync(new KeyQuery { AllWorkspaces = true }, cancellationToken).ConfigureAwait(false))
        {
            if (key.Limit is not null)
            {
                capped.Add(key);
            }
        }

        foreach (var key in capped.OrderBy(key => key.Limit > 0 ? key.Remaining / key.Limit : 0).Take(MostKeys))
        {
            yield return key;
        }
    }

    private async Task<Forecast> ForecastKeyAsync(IOpenRouterBillingClient client, ApiKey key, CancellationToken cancellationToken)
    {
        var withByok = key.IncludesByokInLimit == true;
        var days = await _activity.ReadAsync(client, key.Hash, withByok, cancellationToken).ConfigureAwait(false);
        var now = timeProvider.GetUtcNow();
        var today = key.Usage.Today + (withByok ? key.ByokUsage.Today ?? 0 : 0);
        var forecast = Of(new SpendHistory { At = now, Days = days, SpentToday = today }, key.Remaining, ForecastSource.Activity, key.NextReset(now));
        return forecast with { Limit = ForecastLimit.KeyCap, Name = key.Name, KeyHash = key.Hash, Capacity = key.Limit };
    }

    private async Task<Forecast> ForecastCurrentKeyAsync(ApiKeyStatus key, CancellationToken cancellationToken)
    {
        var hash = KeyHash.Of(options().ApiKey!);
        var own = await ReadLedgerAsync(new SpendQuery { Where = new SpendLabels { KeyHash = hash } }, cancellationToken).ConfigureAwait(false);
        var history = LedgerHistory(LedgerDays.Sum(own, key.IncludesByokInLimit == true));
        var forecast = Of(history with { SpentToday = key.Usage.Today ?? history.SpentToday }, key.Remaining, ForecastSource.Ledger, key.Reset?.NextReset(history.At));
        return forecast with { Limit = ForecastLimit.KeyCap, KeyHash = hash, Capacity = key.Limit };
    }
}
