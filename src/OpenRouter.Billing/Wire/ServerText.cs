using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Wire;

/// <summary>Makes a server's sentence fit to be shown: short, one line, without addresses, keys and account identifiers.</summary>
internal static partial class ServerText
{
    private const int MaxLength = 300;

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

    // Billing links name keys and workspaces.
    [GeneratedRegex(@"https?://\S+", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex(@"sk-or-[\w.-]+|\b(?:user|org)_\w+|\b[0-9a-f]{32,}\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\s\p{C}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();
}
