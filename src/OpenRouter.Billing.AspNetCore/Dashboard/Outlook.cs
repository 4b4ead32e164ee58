using System.Globalization;
using OpenRouter.Billing.Foresight;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>What is ahead, and what of everything wants somebody's attention.</summary>
internal static class Outlook
{
    private const decimal NearlyAll = 0.9m;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    public static ForecastReport Of(Forecast forecast) => new()
    {
        Name = forecast.Limit switch
        {
            ForecastLimit.KeyCap => forecast.Name is { } key ? $"Key: {ShownText.Of(key)}" : "Key cap",
            ForecastLimit.AppBudget => $"App budget: {ShownText.Of(forecast.Name)}",
            _ => null,
        },
        Outcome = forecast.Outcome.ToString(),
        Remaining = forecast.Remaining,
        ResetsAt = forecast.ResetsAt,
        PerHour = forecast.PerHour,
        PerDay = forecast.PerDay,
        AverageDailySpend = forecast.AverageDailySpend,
        GoneAt = forecast.Depletion?.Expected,
        GoneAtEarliest = forecast.Depletion?.Earliest,
        GoneAtLatest = forecast.Depletion?.Latest,
        Missing = forecast.Basis.Missing,
    };

    /// <summary>Whether the money may be gone within a week.</summary>
    public static bool IsSoonGone(ForecastReport? forecast, DateTimeOffset at) =>
        forecast is { Outcome: "Spent" } || forecast?.GoneAtEarliest - at < Soon;

    /// <summary>What wants attention, the most urgent first.</summary>
    public static IReadOnlyList<AlertReport> Alerts(BillingReport report)
    {
        var alerts = new List<AlertReport>();
        foreach (var limit in report.Limits.Where(limit => limit.Remaining <= 0))
        {
            alerts.Add(new AlertReport("urgent", $"{limit.Name}: spent."));
        }

        if (IsSoonGone(report.Forecast, report.At) && report.Forecast?.GoneAtEarliest is { } earliest)
        {
            alerts.Add(new AlertReport("urgent", $"The balance may be gone on {earliest.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}."));
        }

        foreach (var limit in report.Limits.Where(limit => limit is { Remaining: > 0, Capacity: > 0 } && limit.Used + limit.Held >= limit.Capacity * NearlyAll))
        {
            alerts.Add(new AlertReport("warning", $"{limit.Name}: {Math.Round((limit.Used + limit.Held) / limit.Capacity * 100).ToString("0", CultureInfo.InvariantCulture)} % used."));
        }

        if (report.Key?.ExpiresAt - report.At < Soon)
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
