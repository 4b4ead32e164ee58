using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Foresight;

/// <summary>Keeps keys, and what breaks lines, out of texts that others wrote and that are shown to people.</summary>
internal static partial class Redaction
{
    private const int Longest = 300;

    /// <summary>Takes out what looks like a key and what breaks lines, and cuts what is too long.</summary>
    public static string Clean(string text, int longest = Longest)
    {
        var shown = Secret().Replace(text, "(removed)");
        shown = Unseen().Replace(shown, " ").Trim();
        return shown.Length <= longest ? shown : shown[..longest] + "…";
    }

    public static bool HoldsSecret(string text) => Secret().IsMatch(text);

    [GeneratedRegex(@"(?:\bsk-[\w-]{6,}|\bBearer\s+\S+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unseen();
}
