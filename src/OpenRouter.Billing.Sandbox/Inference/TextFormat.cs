using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/completions</c>, the old endpoint with a prompt instead of messages.</summary>
internal sealed class TextFormat : AnswerFormat
{
    public override ReadOnlyMemory<byte> Whole(Answer answer) => Json.Write(json => Write(json, answer, answer.Text, answer.FinishReason, withUsage: true));

    public override ReadOnlyMemory<byte> Opening(Answer answer) => new ServerSentEvents().Comment().ToBytes();

    public override ReadOnlyMemory<byte> Chunk(Answer answer, string text) =>
        new ServerSentEvents().Data(json => Write(json, answer, text, null)).ToBytes();

    public override ReadOnlyMemory<byte> Closing(Answer answer) => new ServerSentEvents()
        .Data(json => Write(json, answer, "", answer.FinishReason))
        .Data(json => Write(json, answer, "", answer.FinishReason, withUsage: true))
        .Done()
        .ToBytes();

    public override ReadOnlyMemory<byte> Failure(Answer answer, int code, string message) => new ServerSentEvents().Data(json =>
    {
        ChatFormat.WriteHead(json, answer, "text_completion");
        ChatFormat.WriteError(json, code, message);
        WriteChoice(json, "", "error");
        json.WriteEndObject();
    }).ToBytes();

    private static void Write(Utf8JsonWriter json, Answer answer, string text, string? finishReason, bool withUsage = false)
    {
        ChatFormat.WriteHead(json, answer, "text_completion");
        WriteChoice(json, text, finishReason);
        if (withUsage)
        {
            ChatFormat.WriteUsage(json, answer.Quote);
        }

        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, string text, string? finishReason)
    {
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteNull("logprobs");
        json.WriteString("text", text);
        ChatFormat.WriteFinish(json, finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
