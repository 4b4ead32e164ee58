using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>Reads what a raw answer says that it cost, whatever the wrapped client keeps it as.</summary>
internal static class RawAnswer
{
    /// <summary>Reads an answer; null when it is of a kind that nobody knows to write as JSON.</summary>
    public static BilledAnswer? Read(object raw, Func<object, ReadOnlyMemory<byte>>? write)
    {
        if (write?.Invoke(raw) is { IsEmpty: false } written)
        {
            return BilledAnswer.FromJson(written.Span);
        }

        return raw switch
        {
            JsonElement element => Read(element),
            JsonDocument document => Read(document.RootElement),
            JsonNode node => BilledAnswer.FromJson(Write(node.WriteTo)),
            string text => BilledAnswer.FromJson(Encoding.UTF8.GetBytes(text)),
            byte[] bytes => BilledAnswer.FromJson(bytes),
            ReadOnlyMemory<byte> bytes => BilledAnswer.FromJson(bytes.Span),
            _ => null,
        };
    }

    private static BilledAnswer? Read(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? BilledAnswer.FromJson(Write((writer, _) => element.WriteTo(writer))) : null;

    private static ReadOnlySpan<byte> Write(Action<Utf8JsonWriter, JsonSerializerOptions?> content)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            content(writer, null);
        }

        return bytes.WrittenSpan;
    }
}
