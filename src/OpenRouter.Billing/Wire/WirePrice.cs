using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>A price as a model lists it: an amount, none at all, or one that says nothing.</summary>
/// <param name="Amount">US dollars; null when none is listed or it is unreadable.</param>
/// <param name="IsUnreadable">Whether a price is listed which is negative (-1 is "unknown") or no number.</param>
[JsonConverter(typeof(WirePriceConverter))]
internal readonly record struct WirePrice(decimal? Amount, bool IsUnreadable);

/// <summary>Reads a price from a string or a number; one that says nothing does not make the list of models unreadable.</summary>
internal sealed class WirePriceConverter : JsonConverter<WirePrice>
{
    // No unit costs a million; such a number is a mistake, and sums with it could overflow.
    private const decimal MostUsd = 1_000_000;

    public override bool HandleNull => true;

    public override WirePrice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return default;
        }

        if (reader.TokenType is JsonTokenType.Number or JsonTokenType.String && LenientDecimalConverter.TryRead(ref reader, out var value) && value is >= 0 and <= MostUsd)
        {
            return new WirePrice(value, false);
        }

        reader.Skip();
        return new WirePrice(null, true);
    }

    public override void Write(Utf8JsonWriter writer, WirePrice value, JsonSerializerOptions options) => throw new NotSupportedException("Prices are only read.");
}
