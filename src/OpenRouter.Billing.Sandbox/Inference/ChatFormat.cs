using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/chat/completions</c>.</summary>
internal sealed class ChatFormat : AnswerFormat
{
    public override ReadOnlyMemory<byte> Whole(Answer answer) => Json.Write(json =>
    {
        WriteHead(json, answer, "chat.completion");
        json.WriteNull("system_fingerprint");
        json.WriteNull("service_tier");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteNull("logprobs");
        WriteFinish(json, answer.FinishReason);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", answer.Text);
        json.WriteNulls("refusal", "reasoning");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        WriteUsage(json, answer.Quote);
        json.WriteEndObject();
    });

    public override ReadOnlyMemory<byte> Opening(Answer answer) => new ServerSentEvents().Comment().ToBytes();

    public override ReadOnlyMemory<byte> Chunk(Answer answer, string text) =>
        new ServerSentEvents().Data(json => WriteChunk(json, answer, text, null)).ToBytes();

    public override ReadOnlyMemory<byte> Closing(Answer answer) => new ServerSentEvents()
        .Data(json => WriteChunk(json, answer, "", answer.FinishReason))
        .Data(json => WriteChunk(json, answer, "", answer.FinishReason, withUsage: true))
        .Done()
        .ToBytes();

    public override ReadOnlyMemory<byte> Failure(Answer answer, int code, string message) => new ServerSentEvents().Data(json =>
    {
        WriteHead(json, answer, "chat.completion.chunk");
        WriteError(json, code, message);
        WriteDelta(json, "", "error");
        json.WriteEndObject();
    }).ToBytes();

    internal static void WriteUsage(Utf8JsonWriter json, SandboxQuote quote)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", quote.PromptTokens);
        json.WriteNumber("completion_tokens", quote.OutputTokens);
        json.WriteNumber("total_tokens", quote.PromptTokens + quote.OutputTokens);
        WriteCost(json, quote);
        json.WriteStartObject("prompt_tokens_details");
        WriteZeros(json, "cached_tokens", "cache_write_tokens", "audio_tokens", "video_tokens");
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        WriteZeros(json, "reasoning_tokens", "image_tokens", "audio_tokens");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    internal static void WriteHead(Utf8JsonWriter json, Answer answer, string kind)
    {
        json.WriteStartObject();
        json.WriteString("id", answer.Id);
        json.WriteString("object", kind);
        json.WriteNumber("created", answer.Created);
        json.WriteString("model", answer.Quote.Model.AnswerName);
        json.WriteString("provider", answer.Quote.Model.Provider);
    }

    internal static void WriteError(Utf8JsonWriter json, int code, string message)
    {
        json.WriteStartObject("error");
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    }

    internal static void WriteFinish(Utf8JsonWriter json, string? reason)
    {
        json.WriteString("finish_reason", reason);
        json.WriteString("native_finish_reason", reason);
    }

    private static void WriteChunk(Utf8JsonWriter json, Answer answer, string text, string? finishReason, bool withUsage = false)
    {
        WriteHead(json, answer, "chat.completion.chunk");
        if (withUsage)
        {
            json.WriteNull("service_tier");
        }

        WriteDelta(json, text, finishReason);
        if (withUsage)
        {
            WriteUsage(json, answer.Quote);
        }

        json.WriteEndObject();
    }

    private static void WriteDelta(Utf8JsonWriter json, string text, string? finishReason)
    {
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject("delta");
        json.WriteString("content", text);
        json.WriteString("role", "assistant");
        json.WriteEndObject();
        WriteFinish(json, finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteZeros(Utf8JsonWriter json, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            json.WriteNumber(name, 0);
        }
    }
}
