using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads when a limit opens.</summary>
internal static class Openings
{
    private const decimal LeastMilliseconds = 1_000_000_000_000m;
    private const decimal LeastSeconds = 1_000_000_000m;

    // Nothing at OpenRouter stays closed for longer; a date beyond is an error of somebody's, and must not close a limit for good.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Reads when the limit opens by which a request was refused; null when time alone does not open it, or nothing says when.</summary>
    public static DateTimeOffset? Read(BillingCause cause, Failure failure, TimeSpan? retryAfter, DateTimeOffset now)
    {
        var instant = cause switch
        {
            BillingCause.KeyLimit or BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget =>
                Instant(failure.Error.ResetsAt) ?? failure.Text.Instant() ?? failure.Text.Interval()?.NextReset(now),
            BillingCause.FreeRequestsPerDay => Reset(failure.Reset, now) ?? ResetInterval.Daily.NextReset(now),
            BillingCause.FreeRequestsPerMinute or BillingCause.ProviderRateLimit => Reset(failure.Reset, now) ?? now + retryAfter,
            BillingCause.InFlightBudget or BillingCause.ProviderOverloaded or BillingCause.Unknown => now + retryAfter,
            _ => null,
        };
        return instant > now + Longest ? null : instant;
    }

    public static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;

    // Live values are epoch milliseconds; nobody documents the unit, so its size tells it.
    private static DateTimeOffset? Reset(string? text, DateTimeOffset now)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value < 0)
        {
            return null;
        }

        if (value < LeastSeconds)
        {
            return RetryHint.Seconds(text) is { } wait ? now + wait : null;
        }

        // More than a calendar can show would be no answer but an exception.
        return value >= LeastMilliseconds ? AtMilliseconds(value) : AtMilliseconds(value * 1000);
    }

    private static DateTimeOffset? AtMilliseconds(decimal value) =>
        value <= 100 * LeastMilliseconds ? DateTimeOffset.FromUnixTimeMilliseconds((long)value) : null;
}
