using OpenRouter.Billing.Foresight;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>How fast the money goes, and when it is gone.</summary>
internal sealed record ForecastReport
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(7);

    /// <summary>Gets whose money it is; null for the balance.</summary>
    public string? Name { get; init; }

    public required string Outcome { get; init; }

    public decimal? Remaining { get; init; }

    public DateTimeOffset? ResetsAt { get; init; }

    public decimal? PerHour { get; init; }

    public decimal? PerDay { get; init; }

    public decimal? AverageDailySpend { get; init; }

    public DateTimeOffset? GoneAt { get; init; }

    public DateTimeOffset? GoneAtEarliest { get; init; }

    public DateTimeOffset? GoneAtLatest { get; init; }

    public string? Missing { get; init; }

    /// <summary>Whether the money may be gone within a week.</summary>
    public bool IsSoonGone(DateTimeOffset at) => Outcome == "Spent" || GoneAtEarliest - at < Soon;

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
}
