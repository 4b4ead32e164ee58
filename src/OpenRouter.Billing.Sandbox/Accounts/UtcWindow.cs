namespace OpenRouter.Billing.Sandbox;

/// <summary>The calendar windows of key limits and budgets: UTC days, weeks from Monday, months, or for ever.</summary>
internal static class UtcWindow
{
    public const string Daily = "daily";
    public const string Weekly = "weekly";
    public const string Monthly = "monthly";

    public static void ThrowIfUnknown(string? interval, string parameterName)
    {
        if (interval is not (null or Daily or Weekly or Monthly))
        {
            throw new ArgumentException($"'{interval}' is no reset interval: use 'daily', 'weekly', 'monthly', or null for a limit that never resets.", parameterName);
        }
    }

    public static DateTimeOffset StartOfDay(DateTimeOffset now) => new(now.UtcDateTime.Date, TimeSpan.Zero);

    public static DateTimeOffset StartOf(string? interval, DateTimeOffset now)
    {
        DateTimeOffset day = StartOfDay(now);
        return interval switch
        {
            Daily => day,
            Weekly => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            Monthly => day.AddDays(1 - day.Day),
            _ => DateTimeOffset.MinValue,
        };
    }

    public static DateTimeOffset? EndOf(string? interval, DateTimeOffset now)
    {
        DateTimeOffset start = StartOf(interval, now);
        return interval switch
        {
            Daily => start.AddDays(1),
            Weekly => start.AddDays(7),
            Monthly => start.AddMonths(1),
            _ => null,
        };
    }
}
