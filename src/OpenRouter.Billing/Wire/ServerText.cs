using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Wire;

/// <summary>Makes a server's sentence fit to be shown: short, one line, without addresses, keys and account identifiers.</summary>
internal static partial class ServerText
{
    private const int MaxLength = 300;

    // Masks show the first and last few characters of a key.
    private const int TellingLength = 8;

    public static string? Clean(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        // Cut before matching: an attacker's megabyte must cost no more than a sentence.
        var cut = text.Length > 4 * MaxLength ? text[..(4 * MaxLength)] : text;
        cut = Address().Replace(cut, "(link)");
        cut = Secret().Replace(cut, "(removed)");
        cut = Blank().Replace(cut, " ").Trim();
        return cut.Length > MaxLength ? cut[..MaxLength] + "…" : cut;
    }

    /// <summary>Whether a text repeats a secret or a telling part of it.</summary>
    public static bool Repeats(string text, string secret)
    {
        for (var start = 0; start == 0 || start <= secret.Length - TellingLength; start++)
        {
            if (text.AsSpan().IndexOf(secret.AsSpan(start, Math.Min(TellingLength, secret.Length)), StringComparison.OrdinalIgnoreCase) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same for what should be one word: a code, a source, an identifier.</summary>
    public static string? Word(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var word = Key().Replace(text.Length > MaxLength ? text[..MaxLength] : text, "(removed)");
        return Blank().Replace(word, " ").Trim();
    }

    // Billing links name keys and workspaces.
    [GeneratedRegex(@"https?://\S+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    // Keys, and the signed tokens that stand in for them.
    private const string KeyPattern = @"sk-or-[\w.~+/=-]+|\beyJ[\w-]+(?:\.[\w-]*){0,2}";

    [GeneratedRegex(KeyPattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Key();

    [GeneratedRegex(KeyPattern + @"|\b(?:user|org)_\w+|\b[0-9a-f]{32,}\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\s\p{C}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();
}
