using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>Writes JSON as OpenRouter spells it: no indentation, apostrophes and arrows unescaped.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        WriteTo(buffer, write);
        return buffer.WrittenMemory;
    }

    public static void WriteTo(IBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using Utf8JsonWriter writer = new(buffer, Options);
        write(writer);
    }

    /// <summary>Writes <c>{"data":{…}}</c>, the envelope of everything that is not a completion.</summary>
    public static ReadOnlyMemory<byte> WriteData(Action<Utf8JsonWriter> members) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("data");
        members(json);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Writes an amount without the trailing zeros that a decimal may carry.</summary>
    public static void WriteMoney(this Utf8JsonWriter json, string name, decimal usd) =>
        json.WriteNumber(name, usd / 1.0000000000000000000000000000m);

    public static void WriteMoneyOrNull(this Utf8JsonWriter json, string name, decimal? usd)
    {
        if (usd is { } amount)
        {
            json.WriteMoney(name, amount);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static void WriteNumberOrNull(this Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Writes a value as it was received.</summary>
    public static void WriteNode(this Utf8JsonWriter json, string name, JsonNode? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value?.ToJsonString() ?? "null");
    }

    /// <summary>Writes an array of objects.</summary>
    public static void WriteList<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> members)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            members(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteNulls(this Utf8JsonWriter json, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            json.WriteNull(name);
        }
    }

    public static void WriteInstantOrNull(this Utf8JsonWriter json, string name, DateTimeOffset? value) =>
        json.WriteString(name, value?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
}
