using System.IO.Compression;

namespace OpenRouter.Billing.Wire;

/// <summary>The compressions that bodies come in.</summary>
internal static class ContentCoding
{
    /// <summary>The coding of a body, as its header names it; null when it is not compressed.</summary>
    public static string? Of(HttpContent content)
    {
        // Read raw: the typed header would put what it parsed in the place of what the server wrote.
        var coding = content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values) ? values.ToString().Trim() : string.Empty;
        return coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase) ? null : coding;
    }

    /// <summary>What decompresses a coding; null for one that is not known.</summary>
    public static Func<Stream, Stream>? DecompressorOf(string coding) => coding.ToUpperInvariant() switch
    {
        "GZIP" or "X-GZIP" => source => new GZipStream(source, CompressionMode.Decompress),
        "BR" => source => new BrotliStream(source, CompressionMode.Decompress),
        "DEFLATE" => source => new ZLibStream(source, CompressionMode.Decompress),
        _ => null,
    };
}
