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

    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && TryRead(ref reader, out var value))
        {
            return value;
        }

        throw new JsonException("An amount is not a number within the range of decimal.");
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    public static bool TryRead(ref Utf8JsonReader reader, out decimal value)
    {
        // The longest amounts in recordings have 22 characters; a longer one is still read, only a hostile one is not.
        var bytes = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        value = 0;
        return bytes.Length <= 64
            && decimal.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && value is >= -Most and <= Most;
    }
}
