using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>Reads rows whose columns depend on the query.</summary>
internal sealed class AnalyticsRowsConverter : JsonConverter<IReadOnlyList<AnalyticsRow>>
{
    public override IReadOnlyList<AnalyticsRow> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var list = JsonElement.ParseValue(ref reader);
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("The rows are no list.");
        }

        var rows = new List<AnalyticsRow>(list.GetArrayLength());
        AnalyticsRow? previous = null;
        foreach (var row in list.EnumerateArray())
        {
            try
            {
                rows.Add(previous = new AnalyticsRow(row, previous));
            }
            catch (ArgumentException exception)
            {
                throw new JsonException("A row cannot be read.", exception);
            }
        }

        return rows;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<AnalyticsRow> value, JsonSerializerOptions options) => throw new NotSupportedException("Rows are only read.");
}
