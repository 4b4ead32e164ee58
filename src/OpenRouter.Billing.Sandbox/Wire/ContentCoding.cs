using System.IO.Compression;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Compression as a client asks for it: brotli before gzip, nothing else.</summary>
internal static class ContentCoding
{
    /// <returns>The coding to use; null for none.</returns>
    public static string? Choose(string acceptEncoding)
    {
        string[] accepted = [.. acceptEncoding.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(coding => coding.Split(';')[0].Trim())];
        return ((string[])["br", "gzip"]).FirstOrDefault(coding => accepted.Contains(coding, StringComparer.OrdinalIgnoreCase));
    }

    public static Stream Over(Stream body, string coding) => coding == "br"
        ? new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true)
        : new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true);

    public static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> body, string coding)
    {
        using MemoryStream compressed = new();
        using (Stream compressing = Over(compressed, coding))
        {
            compressing.Write(body.Span);
        }

        return compressed.ToArray();
    }
}
