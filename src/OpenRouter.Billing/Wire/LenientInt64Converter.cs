using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads a count from a number or a string; <c>5.0</c> and <c>5e0</c> are five.</summary>
internal sealed class LenientInt64Converter : JsonConverter<long>
{
    // Half of what the type holds, so that a limit less what was used cannot turn around.
    private const long Most = long.MaxValue / 2;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    public static long? ReadOrNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : Read(ref reader);

    private static long Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var whole) && whole is >= -Most and <= Most)
        {
            return whole;
        }

        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            && LenientDecimalConverter.TryRead(ref reader, out var value)
            && value is >= -Most and <= Most)
        {
            return (long)decimal.Truncate(value);
        }

        throw new JsonException("A count is not a whole number.");
    }
}
