namespace OpenRouter.Billing.Foresight;

/// <summary>The thresholds that hold, with the ones that options leave unsaid.</summary>
internal static class AlertThresholds
{
    public static IEnumerable<AlertThresholdOptions> Balance(BillingAlertOptions options) =>
        Or(options.BalanceThresholds, (20, AlertSeverity.Warning), (5, AlertSeverity.Urgent));

    public static IEnumerable<AlertThresholdOptions> Limits(BillingAlertOptions options) =>
        Or(options.LimitThresholds, (80, AlertSeverity.Warning), (100, AlertSeverity.Urgent));

    public static IEnumerable<AlertThresholdOptions> FreeQuota(BillingAlertOptions options) =>
        Or(options.FreeQuotaThresholds, (80, AlertSeverity.Info), (100, AlertSeverity.Warning));

    public static IEnumerable<AlertThresholdOptions> Spikes(BillingAlertOptions options) =>
        Or(options.SpikeThresholds, (3, AlertSeverity.Warning));

    public static IEnumerable<AlertHorizonOptions> Depletion(BillingAlertOptions options) => Or(options.DepletionHorizons, warningDays: 3, urgentDays: 1);

    public static IEnumerable<AlertHorizonOptions> KeyExpiry(BillingAlertOptions options) => Or(options.KeyExpiryHorizons, warningDays: 7, urgentDays: 1);

    public static IEnumerable<AlertHorizonOptions> ModelExpiry(BillingAlertOptions options) => Or(options.ModelExpiryHorizons, warningDays: 14, urgentDays: 2);

    private static IEnumerable<AlertThresholdOptions> Or(IList<AlertThresholdOptions> set, params (decimal At, AlertSeverity Severity)[] unsaid) =>
        set.Count > 0 ? set : unsaid.Select(threshold => new AlertThresholdOptions { At = threshold.At, Severity = threshold.Severity });

    private static IEnumerable<AlertHorizonOptions> Or(IList<AlertHorizonOptions> set, int warningDays, int urgentDays) => set.Count > 0 ? set :
    [
        new AlertHorizonOptions { Within = TimeSpan.FromDays(warningDays) },
        new AlertHorizonOptions { Within = TimeSpan.FromDays(urgentDays), Severity = AlertSeverity.Urgent },
    ];
}
