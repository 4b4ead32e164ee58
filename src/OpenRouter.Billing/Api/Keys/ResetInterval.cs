namespace OpenRouter.Billing;

/// <summary>How often a limit starts again, on the UTC calendar; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>daily</c>.</param>
/// <remarks>"Never" is no interval: it is a <see langword="null"/> <see cref="ResetInterval"/>.</remarks>
public readonly record struct ResetInterval(string Value)
{
    /// <summary>Gets the interval that ends at 00:00 UTC.</summary>
    public static ResetInterval Daily { get; } = new("daily");

    /// <summary>Gets the interval that ends on Monday, 00:00 UTC.</summary>
    public static ResetInterval Weekly { get; } = new("weekly");

    /// <summary>Gets the interval that ends on the first of the month, 00:00 UTC.</summary>
    public static ResetInterval Monthly { get; } = new("monthly");

    /// <summary>Finds when the window that holds an instant began.</summary>
    /// <param name="instant">Any instant.</param>
    /// <returns>Midnight UTC at the window's start; <see langword="null"/> when the interval's word is unknown.</returns>
    public DateTimeOffset? WindowStart(DateTimeOffset instant)
    {
        var day = new DateTimeOffset(instant.UtcDateTime.Date, TimeSpan.Zero);
        return Value switch
        {
            "daily" => day,
            "weekly" => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            "monthly" => day.AddDays(1 - day.Day),
            _ => null,
        };
    }

    /// <summary>Finds when the window that holds an instant ends.</summary>
    /// <param name="instant">Any instant.</param>
    /// <returns>Midnight UTC at the window's end, after the instant; <see langword="null"/> when the interval's word is unknown.</returns>
    public DateTimeOffset? NextReset(DateTimeOffset instant) =>
        WindowStart(instant) is not { } start
            ? null
            : Value switch
            {
                "daily" => start.AddDays(1),
                "weekly" => start.AddDays(7),
                _ => start.AddMonths(1),
            };

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
