namespace OpenRouter.Billing;

/// <summary>Into which steps time is divided; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>day</c>.</param>
public readonly record struct AnalyticsGranularity(string Value)
{
    /// <summary>Gets steps of a minute.</summary>
    public static AnalyticsGranularity Minute { get; } = new("minute");

    /// <summary>Gets steps of an hour.</summary>
    public static AnalyticsGranularity Hour { get; } = new("hour");

    /// <summary>Gets UTC days.</summary>
    public static AnalyticsGranularity Day { get; } = new("day");

    /// <summary>Gets weeks. They begin on Sundays in OpenRouter's own samples, while limits and budgets reset on Mondays.</summary>
    public static AnalyticsGranularity Week { get; } = new("week");

    /// <summary>Gets UTC months.</summary>
    public static AnalyticsGranularity Month { get; } = new("month");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
