using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Puts a lower output cap into a body; every other byte stays as it is.</summary>
internal static class OutputCapRewriter
{
    /// <summary>Makes a content for one attempt, with the headers of the original, which is left alone.</summary>
    public static async ValueTask<HttpContent> LowerAsync(HttpContent original, long cap, Uri address, CancellationToken cancellationToken)
    {
        var body = await original.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var content = new ReadOnlyMemoryContent(Lower(body, cap, address));
        foreach (var header in original.Headers.NonValidated)
        {
            if (!header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        return content;
    }

    /// <summary>Replaces the caps that are higher, under each of their names, or adds one where the body has none.</summary>
    public static ReadOnlyMemory<byte> Lower(ReadOnlySpan<byte> body, long cap, Uri address)
    {
        var mark = ByteOrderMark.LengthIn(body);
        var digits = Encoding.ASCII.GetBytes(cap.ToString(CultureInfo.InvariantCulture));
        var output = new ArrayBufferWriter<byte>(body.Length + 40);
        var copied = 0;
        var isCapped = false;
        var reader = new Utf8JsonReader(body[mark..], RequestReader.Lenient);
        reader.Read();
        var afterBrace = mark + (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCap = RequestMembers.IsOutputCap(RequestMembers.Of(in reader));
            reader.Read();
            var start = mark + (int)reader.TokenStartIndex;
            var isHigher = isCap && IsHigher(in reader, cap);
            reader.Skip();
            if (isCap)
            {
                output.Write(body[copied..start]);
                copied = mark + (int)reader.BytesConsumed;
                output.Write(isHigher ? digits : body[start..copied]);
                isCapped = true;
            }
        }

        output.Write(body[copied..]);
        return isCapped ? output.WrittenMemory : Insert(body, afterBrace, digits, address);
    }

    // Null is no cap at all, and what is no whole number is replaced rather than judged.
    private static bool IsHigher(in Utf8JsonReader reader, long cap) =>
        reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value) || value > cap;

    private static ReadOnlyMemory<byte> Insert(ReadOnlySpan<byte> body, int at, ReadOnlySpan<byte> digits, Uri address)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + 40);
        output.Write(body[..at]);
        output.Write(InferenceEndpoints.IsResponses(address) ? "\"max_output_tokens\":"u8 : "\"max_tokens\":"u8);
        output.Write(digits);
        output.Write(","u8);
        output.Write(body[at..]);
        return output.WrittenMemory;
    }
}
