using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The headers of a failed answer that say when to come back, as the server wrote them.</summary>
internal readonly record struct FailureHeaders(string? RetryAfter, string? RateLimit, string? RateLimitRemaining, string? RateLimitReset)
{
    private static readonly string[] Names = ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];

    /// <summary>Takes them from headers whose names may be written in any case.</summary>
    public static FailureHeaders From(IReadOnlyDictionary<string, string>? headers)
    {
        var found = new string?[Names.Length];
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (Array.FindIndex(Names, known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index)
            {
                found[index] = value;
            }
        }

        return new FailureHeaders(found[0], found[1], found[2], found[3]);
    }

    /// <summary>Copies them out of an answer. Read raw: the typed header would put what it parsed in the place of what came.</summary>
    public static Dictionary<string, string> CopyFrom(HttpResponseMessage response)
    {
        var copy = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Names)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var values))
            {
                copy[name] = values.ToString();
            }
        }

        return copy;
    }

    /// <summary>Reads a wait: seconds, or the instant at which it ends.</summary>
    public TimeSpan? WaitFrom(DateTimeOffset now) =>
        RetryHint.Seconds(RetryAfter)
        ?? (DateTimeOffset.TryParseExact(RetryAfter, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? RetryHint.Seconds(Math.Max(0, (decimal)(instant - now).TotalSeconds).ToString(CultureInfo.InvariantCulture))
            : null);
}
