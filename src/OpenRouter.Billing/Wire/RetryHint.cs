using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>How long the server asks to wait: the header, or its copy inside the body where a proxy dropped the header. More than a year, which nobody means, is none.</summary>
internal static class RetryHint
{
    private const int LongestDays = 366;

    public static TimeSpan? Read(WireAnswer answer)
    {
        if (answer.Headers.RetryAfter is { } header)
        {
            return Meant(header.Delta ?? header.Date - answer.ReceivedAt);
        }

        return Seconds(answer.Error.HeaderRetryAfter) ?? Seconds(answer.Error.RetryAfterSeconds);
    }

    /// <summary>Reads a number of seconds; null for what is none.</summary>
    public static TimeSpan? Seconds(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86_400 * LongestDays
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;

    private static TimeSpan? Meant(TimeSpan? wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait <= TimeSpan.FromDays(LongestDays) ? wait : null;
}
