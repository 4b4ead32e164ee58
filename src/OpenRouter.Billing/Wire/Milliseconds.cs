namespace OpenRouter.Billing.Wire;

/// <summary>Stretches of time as the server writes them.</summary>
internal static class Milliseconds
{
    // A thousand days: within what a time can hold, and more than anybody waits.
    private const decimal Most = 86_400_000_000m;

    /// <summary>Reads a time; null for none, and for one that cannot be meant.</summary>
    public static TimeSpan? ToTime(decimal? milliseconds) =>
        milliseconds is >= 0 and <= Most ? TimeSpan.FromTicks((long)(milliseconds.Value * TimeSpan.TicksPerMillisecond)) : null;
}
