namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>Forecasts of accounts that are easy to know.</summary>
internal static class Forecasts
{
    private static readonly DateTimeOffset At = new(2026, 11, 18, 10, 30, 0, TimeSpan.Zero);

    /// <summary>Four weeks of nearly the same.</summary>
    public static Forecast Steady(decimal perDay, decimal? remaining) => Forecast.Of(
        new SpendHistory { At = At, Days = [.. Enumerable.Range(1, 28).Select(ago => new DailySpend(DateOnly.FromDateTime(At.UtcDateTime).AddDays(-ago), perDay * (ago % 2 == 0 ? 0.99m : 1.01m)))] },
        remaining);

    public static Forecast Unknown(decimal? remaining) => Forecast.Of(new SpendHistory { At = At, Days = [] }, remaining);
}
