using System.Globalization;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>How amounts, counts and times stand on the page.</summary>
internal static class Shown
{
    public static string Dollars(decimal? amount) => amount is { } dollars
        ? dollars.ToString(Math.Abs(dollars) >= 1 || dollars == 0 ? "#,##0.00" : "0.00####", CultureInfo.InvariantCulture) + " USD"
        : "unknown";

    public static string Count(long? count) => count is { } known ? known.ToString(CultureInfo.InvariantCulture) : "unknown";

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Day(DateTimeOffset instant) => Day(DateOnly.FromDateTime(instant.UtcDateTime));

    public static string Iso(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
