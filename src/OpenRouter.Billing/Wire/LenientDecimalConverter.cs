using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads an amount from a number or a string, exponents included, without passing through binary floating point.</summary>
internal sealed class LenientDecimalConverter : JsonConverter<decimal>
{
    // Far beyond any money, and far enough below what decimal holds that sums and differences of amounts are amounts too.
    private const decimal Most = 1_000_000_000_000_000_000_000_000_000m;

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    public static decimal? ReadOrNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : Read(ref reader);

    private static decimal Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && TryRead(ref reader, out var value))
        {
            return value;
        }

        throw new JsonException("An amount is not a number within the range of decimal.");
    }

    public static bool TryRead(ref Utf8JsonReader reader, out decimal value)
    {
        // The longest amounts in recordings have 22 characters; a longer one is still read, only a hostile one is not.
        var bytes = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return TryReadPlain(bytes, out value) || TryParse(bytes, out value);
    }

    // Digits with at most one point among them are most of what comes, and need no parser.
    private static bool TryReadPlain(ReadOnlySpan<byte> bytes, out decimal value)
    {
        const int MostDigits = 18;
        value = 0;
        var isNegative = bytes is [(byte)'-', ..];
        var digits = isNegative ? bytes[1..] : bytes;
        if (digits.Length is 0 or > MostDigits + 1 || digits[0] is (byte)'.' || digits[^1] is (byte)'.')
        {
            return false;
        }

        var sum = 0L;
        var point = -1;
        for (var i = 0; i < digits.Length; i++)
        {
            if (digits[i] is >= (byte)'0' and <= (byte)'9')
            {
                sum = (sum * 10) + (digits[i] - '0');
            }
            else if (digits[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        if (point < 0 && digits.Length > MostDigits)
        {
            return false;
        }

        value = new decimal((int)sum, (int)(sum >> 32), 0, isNegative, (byte)(point < 0 ? 0 : digits.Length - 1 - point));
        return true;
    }

    private static bool TryParse(ReadOnlySpan<byte> bytes, out decimal value)
    {
        value = 0;
        return bytes.Length <= 64
            && decimal.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && value is >= -Most and <= Most;
    }
}
