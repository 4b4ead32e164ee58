using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Guard;

/// <summary>What the sentence of a refusal says. Links are cut out first: they hold scope words of their own, and are a separate signal.</summary>
internal sealed partial class FailureText
{
    // The longest sentence on record has 400 characters; a hostile one is not searched to its end.
    private const int MaxLength = 2000;

    private readonly string _words;
    private readonly string _links;

    public FailureText(string? message)
    {
        var text = message is null ? string.Empty : message.Length > MaxLength ? message[..MaxLength] : message;
        _links = string.Join(' ', Link().Matches(text).Select(match => match.Value));
        _words = Link().Replace(text, " ");
    }

    /// <summary>Gets whether a link leads to a page of keys, so that the cap of a key is meant.</summary>
    public bool LinksToKeys => _links.Contains("/keys", StringComparison.OrdinalIgnoreCase);

    public bool Says(string words) => _words.Contains(words, StringComparison.OrdinalIgnoreCase);

    public bool SaysMinimumBalance => MinimumBalance().IsMatch(_words);

    public bool SaysWorkspaceBudget => WorkspaceBudget().IsMatch(_words);

    public bool SaysGenerationNotFound => GenerationNotFound().IsMatch(_words);

    /// <summary>Reads how many tokens were asked for and how many are affordable; null when the sentence does not say.</summary>
    public (long Requested, long Affordable, bool IsPrompt)? Tokens()
    {
        var match = Affordable().Match(_words);
        match = match.Success ? match : TokenLimit().Match(_words);
        return match.Success
            && long.TryParse(match.Groups["asked"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var requested)
            && long.TryParse(match.Groups["may"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var affordable)
            ? (requested, Math.Max(0, affordable), match.Groups["kind"].Value.StartsWith("prompt", StringComparison.OrdinalIgnoreCase))
            : null;
    }

    /// <summary>Reads what was spent of which limit, in US dollars, as in "$20.05 of $20.00 used".</summary>
    public (decimal Spent, decimal Limit)? Spent()
    {
        var match = SpentOf().Match(_words);
        return match.Success
            && decimal.TryParse(match.Groups[1].ValueSpan, NumberStyles.Number, CultureInfo.InvariantCulture, out var spent)
            && decimal.TryParse(match.Groups[2].ValueSpan, NumberStyles.Number, CultureInfo.InvariantCulture, out var limit)
            ? (spent, limit)
            : null;
    }

    /// <summary>Reads the instant that the sentence names.</summary>
    public DateTimeOffset? Instant() => Openings.Instant(IsoInstant().Match(_words) is { Success: true } match ? match.Value : null);

    /// <summary>Reads on which calendar a spent limit starts again; null when it names none, or none that does.</summary>
    public ResetInterval? Interval()
    {
        var word = IntervalOfLimit().Match(_words).Groups["interval"].Value;
        return Array.Find([ResetInterval.Daily, ResetInterval.Weekly, ResetInterval.Monthly], known => known.Value.Equals(word, StringComparison.OrdinalIgnoreCase)) is { Value: not null } found ? found : null;
    }

    private const RegexOptions Plain = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;

    [GeneratedRegex(@"https?://\S+", Plain)]
    private static partial Regex Link();

    [GeneratedRegex(@"requires at least \$[\d.,]+ in balance", Plain)]
    private static partial Regex MinimumBalance();

    [GeneratedRegex(@"\bworkspace (?:\w+ )?budget\b.{0,40}exceeded", Plain)]
    private static partial Regex WorkspaceBudget();

    [GeneratedRegex(@"^generation \S+ not found", Plain)]
    private static partial Regex GenerationNotFound();

    [GeneratedRegex(@"requested up to (?<asked>\d{1,18}) tokens, but can only afford (?<may>-?\d{1,18})", Plain)]
    private static partial Regex Affordable();

    [GeneratedRegex(@"\b(?<kind>prompt |max_)tokens limit exceeded: (?<asked>\d{1,18}) > (?<may>-?\d{1,18})", Plain)]
    private static partial Regex TokenLimit();

    [GeneratedRegex(@"\$([\d.,]{1,20}) of \$([\d.,]{1,20}) used", Plain)]
    private static partial Regex SpentOf();

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)", Plain)]
    private static partial Regex IsoInstant();

    [GeneratedRegex(@"exceeded \((?<interval>\w{1,10}) limit\)|\bworkspace (?<interval>\w{1,10}) budget", Plain)]
    private static partial Regex IntervalOfLimit();
}
