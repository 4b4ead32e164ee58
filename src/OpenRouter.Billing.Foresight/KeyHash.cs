using System.Security.Cryptography;
using System.Text;

namespace OpenRouter.Billing.Foresight;

/// <summary>Names a key without telling it.</summary>
internal static class KeyHash
{
    /// <summary>The SHA-256 of a key, 64 hexadecimal digits in lower case, as the ledger has it.</summary>
    public static string Of(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
#if NET9_0_OR_GREATER
        return Convert.ToHexStringLower(hash);
#else
        return string.Concat(hash.Select(value => value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
#endif
    }
}
