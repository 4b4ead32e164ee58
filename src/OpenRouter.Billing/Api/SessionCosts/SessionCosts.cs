namespace OpenRouter.Billing;

/// <summary>What sessions cost, and from which days that is known.</summary>
/// <remarks>Read from <c>GET /datasets/session-cost</c>, which is made anew every week.</remarks>
public sealed record SessionCosts
{
    /// <summary>Gets the rows that were asked for, each app, model and length once.</summary>
    /// <remarks>Read from <c>data</c>.</remarks>
    public required IReadOnlyList<SessionCost> Rows { get; init; }

    /// <summary>Gets when the answer was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>meta.as_of</c>.</remarks>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Gets the version of the data, such as <c>v1</c>.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>meta.version</c>.</remarks>
    public string? Version { get; init; }

    /// <summary>Gets how many days the sessions were taken from.</summary>
    /// <value>Days; <see langword="null"/> when nothing is published.</value>
    /// <remarks>Read from <c>meta.window_days</c>.</remarks>
    public long? WindowDays { get; init; }

    /// <summary>Gets the last of those days.</summary>
    /// <value>UTC; <see langword="null"/> when nothing is published.</value>
    /// <remarks>Read from <c>meta.window_end_date</c>.</remarks>
    public DateOnly? WindowEnd { get; init; }
}
