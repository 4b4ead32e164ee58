using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Puts reports together; one serves all who ask within a second, and one is made at a time.</summary>
internal sealed class BillingReports(IServiceProvider services, string account)
{
    private static readonly TimeSpan Serves = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    // A paid request of an unknown model, and a free one: between them they meet every limit.
    private static readonly BillableRequest Paid = new() { Model = "report/paid" };
    private static readonly BillableRequest Free = new() { Model = "report/free:free" };

    private readonly IBillingGuard _guard = services.GetRequiredKeyedService<IBillingGuard>(account);
    private readonly ISpendLedger? _ledger = services.GetRequiredKeyedService<IBillingLedger>(account) as ISpendLedger;
    private readonly RefusalLog _refusals = services.GetRequiredKeyedService<RefusalLog>(account);
    private readonly AlertNotes _alerts = services.GetRequiredKeyedService<AlertNotes>(account);
    private readonly IOptionsMonitor<OpenRouterBillingOptions> _options = services.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>();
    private readonly CachedFigures<IReadOnlyList<DayReport>> _accountDays = new(() => ReadAccountDaysAsync(services, account), TimeSpan.FromMinutes(10), services.GetRequiredService<TimeProvider>());
    private readonly CachedFigures<ForecastReport> _forecast = new(() => ReadForecastAsync(services, account), TimeSpan.FromMinutes(1), services.GetRequiredService<TimeProvider>());
    private readonly CachedFigures<IReadOnlyList<ForecastReport>> _limitForecasts = new(() => ReadLimitForecastsAsync(services, account), TimeSpan.FromMinutes(5), services.GetRequiredService<TimeProvider>());
    private readonly TimeProvider _timeProvider = services.GetRequiredService<TimeProvider>();
    private readonly object _gate = new();
    private Task<BillingReport>? _latest;
    private long _begunAt;

    public Task<BillingReport> GetAsync(CancellationToken cancellationToken)
    {
        Task<BillingReport> report;
        lock (_gate)
        {
            var isOld = _latest is null || (_latest.IsCompleted && (!_latest.IsCompletedSuccessfully || _timeProvider.GetElapsedTime(_begunAt) >= Serves));
            if (isOld)
            {
                _begunAt = _timeProvider.GetTimestamp();
                // For all who wait, so that it is not made as part of whoever's request came first.
                using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl) : ExecutionContext.SuppressFlow())
                {
                    _latest = Task.Run(MakeAsync, CancellationToken.None);
                }
            }

            report = _latest!;
        }

        return report.WaitAsync(LongestWait, _timeProvider, cancellationToken);
    }

    private async Task<BillingReport> MakeAsync()
    {
        var accountDays = _accountDays.GetAsync();
        var forecast = _forecast.GetAsync();
        var limitForecasts = _limitForecasts.GetAsync();
        var paid = await _guard.EvaluateAsync(Paid).ConfigureAwait(false);
        var free = await _guard.EvaluateAsync(Free).ConfigureAwait(false);
        var figures = _guard.Peek();
        var now = _timeProvider.GetUtcNow();
        var report = new BillingReport
        {
            At = now,
            Mode = Mode(),
            Balance = Balance(figures),
            Key = Key(figures),
            FreeRequests = figures.Key?.FreeModelDailyRequests is { } quota ? new FreeRequestsReport(quota.Used, quota.Limit, quota.Remaining) : null,
            Limits = Limits(paid, free),
            Spend = _ledger is null ? null : await SpendSummary.ReadAsync(_ledger, DateOnly.FromDateTime(now.UtcDateTime), _timeProvider).ConfigureAwait(false),
            AccountDays = await accountDays.ConfigureAwait(false),
            Forecast = await forecast.ConfigureAwait(false),
            LimitForecasts = await limitForecasts.ConfigureAwait(false),
            Refusals = _refusals.Latest(),
        };
        return report with { Alerts = [.. Attention.Of(report), .. _alerts.Latest()] };
    }

    // OpenRouter counts completed days only.
    private static async Task<IReadOnlyList<DayReport>> ReadAccountDaysAsync(IServiceProvider services, string account)
    {
        var entries = await services.GetRequiredKeyedService<IOpenRouterBillingClient>(account).Activity.ListAsync().ConfigureAwait(false);
        return [.. entries.GroupBy(entry => entry.Date).OrderBy(day => day.Key).Select(day => new DayReport(day.Key, day.Sum(entry => entry.Cost ?? 0), day.Sum(entry => entry.Requests ?? 0)))];
    }

    private static async Task<ForecastReport> ReadForecastAsync(IServiceProvider services, string account) =>
        ForecastReport.Of(await services.GetRequiredKeyedService<IBillingForecaster>(account).ForecastAsync().ConfigureAwait(false));

    private static async Task<IReadOnlyList<ForecastReport>> ReadLimitForecastsAsync(IServiceProvider services, string account) =>
        [.. (await services.GetRequiredKeyedService<IBillingForecaster>(account).ForecastLimitsAsync().ConfigureAwait(false)).Select(ForecastReport.Of)];

    private string Mode()
    {
        try
        {
            return _options.Get(account).Guard.Mode.ToString();
        }
        catch (OptionsValidationException)
        {
            return "Unknown";
        }
    }

    private static BalanceReport Balance(AccountFigures figures) => new()
    {
        State = figures.Balance is not null ? "known" : figures.IsBalanceWithheld ? "withheld" : "unavailable",
        Remaining = figures.Balance?.Remaining,
        TotalCredits = figures.Balance?.TotalCredits,
        TotalUsage = figures.Balance?.TotalUsage,
        ReadAt = figures.BalanceReadAt,
    };

    private static KeyReport? Key(AccountFigures figures) => figures.Key is not { } key ? null : new KeyReport
    {
        Limit = key.Limit,
        Remaining = key.Remaining,
        Reset = key.Reset?.Value,
        ExpiresAt = key.ExpiresAt,
        SpentToday = key.Usage.Today,
        SpentThisMonth = key.Usage.ThisMonth,
        ReadAt = figures.KeyReadAt,
    };

    private static IReadOnlyList<LimitReport> Limits(BillingGuardDecision paid, BillingGuardDecision free) =>
        [.. Readings(paid).Concat(Readings(free)).DistinctBy(limit => (limit.Cause, limit.Name, limit.Unit)).Select(Limit)];

    // A limit that refuses is told with all the others in its verdict.
    private static IReadOnlyList<LimitReading> Readings(BillingGuardDecision decision) =>
        decision.Limits.Count > 0 ? decision.Limits : decision.Refusal?.Limits ?? [];

    private static LimitReport Limit(LimitReading limit) => new()
    {
        Name = limit.Name is { } own ? $"{NameOf(limit.Cause)}: {ShownText.Of(own)}" : NameOf(limit.Cause),
        Unit = limit.Unit == LimitUnit.Requests ? "requests" : "USD",
        Capacity = limit.Capacity,
        Used = limit.Used,
        Held = limit.Held,
        Remaining = limit.Remaining,
        ResetsAt = limit.ResetsAt,
    };

    private static string NameOf(BillingCause cause) => cause switch
    {
        BillingCause.AccountCredits or BillingCause.NeverFunded or BillingCause.MinimumBalance => "Account balance",
        BillingCause.KeyLimit => "Key cap",
        BillingCause.GuardrailBudget => "Guardrail budget",
        BillingCause.MemberBudget => "Member budget",
        BillingCause.WorkspaceBudget => "Workspace budget",
        BillingCause.AppBudget => "App budget",
        BillingCause.FreeRequestsPerDay => "Free requests of the day",
        BillingCause.FreeRequestsPerMinute => "Free requests of the minute",
        BillingCause.RunawayLimit => "Runaway limit",
        BillingCause.RunawayBrake => "Runaway brake",
        BillingCause.RequestCost => "Price of one request",
        BillingCause.Policy => "Policy",
        _ => cause.ToString(),
    };
}
