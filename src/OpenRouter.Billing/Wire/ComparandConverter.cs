using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>Writes what a filter compares with: a text, a number, or a list of these.</summary>
internal sealed class ComparandConverter : JsonConverter<AnalyticsQueryPayload.Comparand>
{
    public override AnalyticsQueryPayload.Comparand Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Filters are only written.");

    public override void Write(Utf8JsonWriter writer, AnalyticsQueryPayload.Comparand value, JsonSerializerOptions options)
    {
        if (!value.IsList)
        {
            Write(writer, value.Values[0]);
            return;
        }

        writer.WriteStartArray();
        foreach (var each in value.Values)
        {
            Write(writer, each);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, AnalyticsValue value)
    {
        if (value.Number is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }
}
