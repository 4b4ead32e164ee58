using System.Security.Cryptography;
using System.Text;

namespace OpenRouter.Billing.Sql;

/// <summary>Makes names of limits and labels, which apps choose freely, fit for any database: short, and of characters that it can store.</summary>
internal static class StoredText
{
    private const int Longest = 200;
    private const int Shown = 100;

    /// <summary>The text itself where it fits; else its beginning and a digest of all of it, so that different texts stay different.</summary>
    public static string Fit(string text)
    {
        if (text.Length <= Longest && IsStorable(text))
        {
            return text;
        }

        var builder = new StringBuilder(Longest);
        foreach (var rune in text.EnumerateRunes())
        {
            if (builder.Length >= Shown)
            {
                break;
            }

            builder.Append(rune.Value == 0 ? Rune.ReplacementChar.ToString() : rune.ToString());
        }

        return builder.Append('#').Append(Convert.ToHexString(SHA256.HashData(Encoding.Unicode.GetBytes(text)))).ToString();
    }

    /// <summary>Whether a database can store the text: PostgreSQL knows no zero character, and half a surrogate pair is none at all.</summary>
    public static bool IsStorable(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            var character = text[index];
            if (character == '\0' || (char.IsSurrogate(character) && (index + 1 == text.Length || !char.IsSurrogatePair(character, text[++index]))))
            {
                return false;
            }
        }

        return true;
    }
}
