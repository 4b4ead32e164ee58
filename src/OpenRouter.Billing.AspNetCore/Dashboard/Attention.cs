using System.Globalization;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>What of a report wants somebody's attention.</summary>
internal static class Attention
{
    private const decimal NearlyAll = 0.9m;
    private static readonly TimeSpan Notice = TimeSpan.FromDays(7);

    /// <summary>Finds it, the most urgent first.</summary>
    public static IReadOnlyList<AlertReport> Of(BillingReport report)
    {
        var alerts = new List<AlertReport>();
        foreach (var limit in report.Limits.Where(limit => limit.Remaining <= 0))
        {
            alerts.Add(new AlertReport("urgent", $"{limit.Name}: spent."));
        }

        if (report.Forecast is { GoneAtEarliest: { } earliest } forecast && forecast.IsSoonGone(report.At))
        {
            alerts.Add(new AlertReport("urgent", $"The balance may be gone on {Shown.Day(earliest)}."));
        }

        foreach (var limit in report.Limits.Where(limit => limit is { Remaining: > 0, Capacity: > 0 } && limit.Used + limit.Held >= limit.Capacity * NearlyAll))
        {
            alerts.Add(new AlertReport("warning", $"{limit.Name}: {Math.Round((limit.Used + limit.Held) / limit.Capacity * 100).ToString("0", CultureInfo.InvariantCulture)} % used."));
        }

        if (report.Key?.ExpiresAt - report.At < Notice)
        {
            alerts.Add(new AlertReport("warning", "The key expires within a week."));
        }

        if (report.Mode != "Enforce")
        {
            alerts.Add(new AlertReport("warning", "The guard refuses nothing in this mode."));
        }

        return alerts;
    }
}
