using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A member for which "null" and "not sent" mean different things.</summary>
/// <typeparam name="T">The member's type.</typeparam>
/// <param name="Value">The value; its default when null or not sent.</param>
/// <param name="WasSent">Whether the answer had the member, null included.</param>
internal readonly record struct Sent<T>(T? Value, bool WasSent);

/// <summary>Reads a nullable amount and notes that it was there.</summary>
internal sealed class SentDecimalConverter : JsonConverter<Sent<decimal?>>
{
    public override bool HandleNull => true;

    public override Sent<decimal?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null
            ? new Sent<decimal?>(null, true)
            : LenientDecimalConverter.TryRead(ref reader, out var value)
                ? new Sent<decimal?>(value, true)
                : throw new JsonException("An amount is not a number within the range of decimal.");

    public override void Write(Utf8JsonWriter writer, Sent<decimal?> value, JsonSerializerOptions options)
    {
        if (value.Value is { } amount)
        {
            writer.WriteNumberValue(amount);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
