using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>Conditions and reviews for tests of alerts.</summary>
public static class AlertWorld
{
    public static DateTimeOffset Noon { get; } = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);

    internal static AccountReview Review(
        decimal? balance = null,
        DateTimeOffset? at = null,
        Forecast? forecast = null,
        IReadOnlyList<Forecast>? limits = null,
        IReadOnlyList<ApiKey>? keys = null,
        ApiKeyStatus? current = null,
        IReadOnlyList<(string Id, DateOnly ExpiresOn)>? models = null)
    {
        var credits = balance is { } left ? new CreditBalance { TotalCredits = Math.Max(0, left) + 100, TotalUsage = 100 + Math.Max(0, -left) } : null;
        var figures = new AccountFigures(at ?? Noon, credits, keys, current, []);
        return new AccountReview(figures, forecast ?? Unknown(at ?? Noon), limits ?? [], models ?? []);
    }

    internal static Forecast Unknown(DateTimeOffset at) => new() { At = at, Basis = new ForecastBasis { Days = 0 } };

    internal static AlertCondition[] Conditions(AccountReview review, Action<BillingAlertOptions>? configure = null)
    {
        var options = new BillingAlertOptions();
        configure?.Invoke(options);
        return [.. new AlertRules(options, review).Conditions()];
    }

    internal static AlertBook Book(ISharedState state, TimeProvider clock) => new(state, "foresight/test/alerts", null, clock);

    public static BillingAlert Alert(AlertSeverity severity = AlertSeverity.Warning, string message = "The balance is 3.00 USD, below 5.00 USD.", string? account = null) => new()
    {
        Id = "alert_0123456789ABCDEF0123456789ABCDEF",
        Kind = AlertKind.NegativeBalance,
        Severity = severity,
        Message = message,
        Value = 3m,
        Threshold = 5m,
        RaisedAt = Noon,
        Account = account,
    };

    public static ApiKeyStatus Key(FreeModelDailyRequests? free = null, IReadOnlyList<KeyBudget>? budgets = null, DateTimeOffset? expiresAt = null) => new()
    {
        Usage = new KeyUsage(),
        ByokUsage = new KeyUsage(),
        FreeModelDailyRequests = free,
        Budgets = budgets,
        ExpiresAt = expiresAt,
    };
}
