using System.Globalization;

namespace OpenRouter.Billing.Wire;

/// <summary>How long the server asks to wait: the header, or its copy inside the body where a proxy dropped the header.</summary>
internal static class RetryHint
{
    public static TimeSpan? Read(WireAnswer answer)
    {
        if (answer.Headers.RetryAfter is { } header)
        {
            return NotNegative(header.Delta ?? header.Date - answer.ReceivedAt);
        }

        return Seconds(answer.Error.HeaderRetryAfter) ?? Seconds(answer.Error.RetryAfterSeconds);
    }

    /// <summary>Reads a number of seconds; null for what is none, and for more than a year, which nobody means.</summary>
    public static TimeSpan? Seconds(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86_400 * 366
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;

    private static TimeSpan? NotNegative(TimeSpan? value) => value < TimeSpan.Zero ? TimeSpan.Zero : value;
}
