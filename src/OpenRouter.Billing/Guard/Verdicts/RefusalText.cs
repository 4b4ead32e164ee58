using System.Globalization;

namespace OpenRouter.Billing.Guard;

/// <summary>The words of refusals.</summary>
internal static class RefusalText
{
    /// <summary>Builds "what: numbers. When. Remedy. Who said so." in invariant culture.</summary>
    public static string Build(string what, BillingVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var opens = verdict.OpensAt is { } instant ? $" It opens at {Instant(instant)}." : string.Empty;
        var model = verdict.Model is { } name ? $" (model {Shorten(name)})" : string.Empty;
        return $"{Speaker(verdict.Origin)}{what}{model}.{opens} {verdict.Remedy}{Sent(verdict.Origin)}";
    }

    /// <summary>"The key's cap of 20.00 USD does not cover this request: it may cost 0.05 USD, and 0.02 USD is left", and its variations.</summary>
    public static string NotCovered(string whose, BillingVerdict? verdict)
    {
        if (verdict?.Limit is not { } limit)
        {
            return verdict?.RequestedTokens is { } requested
                ? $"{whose} does not cover this request: it asks for up to {Count(requested)} {(verdict.IsPromptTooDear ? "prompt" : "output")} tokens, and affords {Count(verdict.AffordableTokens)}"
                : $"{whose} does not cover this request";
        }

        if (verdict.Origin != BillingVerdictOrigin.Predicted)
        {
            return $"{whose} is spent: {Dollars(limit.Used)} was used";
        }

        if (limit.Required == 0)
        {
            return limit.Remaining < 0
                ? $"{whose} is overdrawn by {Dollars(-limit.Remaining)}, which refuses free models too"
                : $"{whose} is spent, which refuses free models too";
        }

        var held = limit.Held > 0 ? $", besides {Dollars(limit.Held)} that running requests hold" : string.Empty;
        var lacks = limit.Used - limit.Capacity;
        var left = lacks > 0 ? $"it is {Dollars(lacks)} short already" : $"{Dollars(Math.Max(0, limit.Remaining))} may be spent";
        return $"{whose} does not cover this request: it may cost {Dollars(limit.Required)}, and {left}{held}";
    }

    /// <summary>"The key's cap of 20.00 USD".</summary>
    public static string Whole(string whose, BillingVerdict? verdict) => verdict?.Limit is { } limit ? $"{whose} of {Dollars(limit.Capacity)}" : whose;

    /// <summary>" (Daily, Project 'search')", of a limit that has a name.</summary>
    public static string Named(BillingVerdict? verdict) => verdict?.Limit?.Name is { } name ? $" ({Shorten(name)})" : string.Empty;

    public static string Dollars(decimal? amount) =>
        amount is { } dollars ? dollars.ToString("0.00#######", CultureInfo.InvariantCulture) + " USD" : "an unknown amount";

    public static string Count(long? amount) => amount is { } count ? count.ToString(CultureInfo.InvariantCulture) : "an unknown number";

    public static string Count(decimal? amount) => amount is { } count ? count.ToString("0", CultureInfo.InvariantCulture) : "an unknown number";

    private static string Speaker(BillingVerdictOrigin origin) => origin == BillingVerdictOrigin.Answered ? "OpenRouter refused the request. " : string.Empty;

    private static string Sent(BillingVerdictOrigin origin) => origin switch
    {
        BillingVerdictOrigin.Answered => string.Empty,
        BillingVerdictOrigin.Remembered => " OpenRouter said so to an earlier request. Nothing was sent.",
        _ => " Nothing was sent.",
    };

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    // Names come from requests: they are shown, but not at any length, and they cannot begin a line of their own.
    private static string Shorten(string name)
    {
        var shown = name.Length <= 80 ? name : name[..80] + "…";
        return shown.All(IsShown) ? shown : string.Concat(shown.Select(character => IsShown(character) ? character : '?'));
    }

    // Marks that break lines or turn the direction of reading would let a name say something else.
    private static bool IsShown(char character) => CharUnicodeInfo.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
