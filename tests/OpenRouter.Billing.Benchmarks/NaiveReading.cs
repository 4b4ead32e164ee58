using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Measures a prompt in a document.</summary>
internal static class NaiveReading
{
    public static long PromptLength(JsonDocument document)
    {
        var length = 0L;
        foreach (var message in document.RootElement.GetProperty("messages").EnumerateArray())
        {
            length += Encoding.UTF8.GetByteCount(message.GetProperty("content").GetString()!);
        }

        return length;
    }
}
