namespace OpenRouter.Billing.Sandbox;

/// <summary>The white space that OpenRouter sends while an answer is being made: a newline, nine blanks, a newline, repeated.</summary>
internal static class KeepAlive
{
    public static ReadOnlyMemory<byte> Before(int units, ReadOnlyMemory<byte> body)
    {
        ReadOnlySpan<byte> unit = "\n         \n"u8;
        byte[] bytes = new byte[(units * unit.Length) + body.Length];
        for (int i = 0; i < units; i++)
        {
            unit.CopyTo(bytes.AsSpan(i * unit.Length));
        }

        body.Span.CopyTo(bytes.AsSpan(units * unit.Length));
        return bytes;
    }
}
