using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenRouter.Billing.Foresight;

/// <summary>Signs by the Standard Webhooks convention: HMAC-SHA256 over id, timestamp and body.</summary>
internal sealed class WebhookSecret
{
    private const string Prefix = "whsec_";

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>Reads a secret; null when it is none.</summary>
    public static WebhookSecret? Find(string? secret)
    {
        if (secret is null || !secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length is >= 24 and <= 64 ? new WebhookSecret(key[..length]) : null;
    }

    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, (byte[])[.. head, .. body]));
    }
}
