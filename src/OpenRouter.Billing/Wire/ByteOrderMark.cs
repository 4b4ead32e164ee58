namespace OpenRouter.Billing.Wire;

/// <summary>The mark that some write before UTF-8, and that belongs to no text.</summary>
internal static class ByteOrderMark
{
    public static ReadOnlySpan<byte> Bytes => "\uFEFF"u8;

    /// <summary>How many bytes of a body come before its text: those of the mark, or none.</summary>
    public static int LengthIn(ReadOnlySpan<byte> body) => body.StartsWith(Bytes) ? Bytes.Length : 0;
}
