using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenRouter.Billing.Wire;

/// <summary>What a key looks like, and the only form in which one is kept. Nothing here ever shows a key.</summary>
internal static class KeyShape
{
    private const string Prefix = "sk-or-";
    private const int MaxOnStack = 512;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>Says what is wrong with a key, without quoting it; null when nothing is.</summary>
    public static string? FindProblem(string key)
    {
        if (string.IsNullOrWhiteSpace(key))
        {
            return "is blank: set it to a key, or leave it unset (null).";
        }

        if (key.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return "begins with 'Bearer ': give the key alone.";
        }

        var at = key.AsSpan().IndexOfAnyExcept(TokenCharacters);
        if (at >= 0)
        {
            var what = char.IsWhiteSpace(key[at]) ? "white space" : "a character that no key has";
            return string.Create(CultureInfo.InvariantCulture, $"has {what} at position {at + 1} of {key.Length}: copy the key again, without quotes and line breaks.");
        }

        // A workload token is a signed JWT: three dotted parts instead of the prefix.
        return key.StartsWith(Prefix, StringComparison.Ordinal) || key.Count(c => c == '.') == 2
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"is {key.Length} characters long and does not begin with '{Prefix}': it is no OpenRouter key.");
    }

    /// <summary>Whether a text that should be something else is a key.</summary>
    public static bool LooksLikeKey(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The lower-case hexadecimal SHA-256 of a key.</summary>
    public static string Hash(string key)
    {
        var length = Encoding.UTF8.GetByteCount(key);
        var bytes = length <= MaxOnStack ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
#if NET9_0_OR_GREATER
        return Convert.ToHexStringLower(hash);
#else
#pragma warning disable CA1308 // the keys API writes hashes in lower case
        return Convert.ToHexString(hash).ToLowerInvariant();
#pragma warning restore CA1308
#endif
    }
}
