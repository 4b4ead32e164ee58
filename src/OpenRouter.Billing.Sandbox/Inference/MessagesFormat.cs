using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/messages</c>: named events, tokens in <c>message_delta</c>, and its own error envelope.</summary>
/// <param name="showsCostInStreams">Whether the last usage of a stream names the cost.</param>
internal sealed class MessagesFormat(bool showsCostInStreams) : AnswerFormat
{
    public override ReadOnlyMemory<byte> Whole(Answer answer) => Json.Write(json => WriteMessage(json, answer, answer.Text));

    public override ReadOnlyMemory<byte> Opening(Answer answer)
    {
        ServerSentEvents events = new ServerSentEvents().Comment();
        WriteEvent(events, "message_start", json =>
        {
            json.WritePropertyName("message");
            WriteMessage(json, answer, null);
        });
        WriteEvent(events, "content_block_start", json =>
        {
            json.WriteNumber("index", 0);
            json.WriteStartObject("content_block");
            json.WriteString("type", "text");
            json.WriteString("text", "");
            json.WriteEndObject();
        });
        return events.ToBytes();
    }

    public override ReadOnlyMemory<byte> Chunk(Answer answer, string text)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "content_block_delta", json =>
        {
            json.WriteNumber("index", 0);
            json.WriteStartObject("delta");
            json.WriteString("type", "text_delta");
            json.WriteString("text", text);
            json.WriteEndObject();
        });
        return events.ToBytes();
    }

    public override ReadOnlyMemory<byte> Closing(Answer answer)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "content_block_stop", json => json.WriteNumber("index", 0));
        WriteEvent(events, "message_delta", json =>
        {
            json.WriteStartObject("delta");
            json.WriteString("stop_reason", StopReason(answer));
            json.WriteNull("stop_sequence");
            json.WriteEndObject();
            WriteUsage(json, answer.Quote, answer.Quote.OutputTokens, showsCostInStreams);
        });
        WriteEvent(events, "message_stop", _ => { });
        return events.Done("data").ToBytes();
    }

    public override ReadOnlyMemory<byte> Failure(Answer answer, int code, string message) => new ServerSentEvents().Data(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "error");
            json.WriteStartObject("error");
            json.WriteString("type", ErrorBody.MessagesTypeOf(code));
            json.WriteString("message", message);
            json.WriteEndObject();
            json.WriteNull("request_id");
            json.WriteEndObject();
        },
        "error").ToBytes();

    public override ReadOnlyMemory<byte> Refusal(Refusal refusal) => ErrorBody.ForMessages(refusal);

    private static void WriteEvent(ServerSentEvents events, string type, Action<Utf8JsonWriter> members) => events.Data(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            members(json);
            json.WriteEndObject();
        },
        type);

    /// <param name="json">Where to.</param>
    /// <param name="answer">What of.</param>
    /// <param name="text">Null for the message that opens a stream: no content, no stop reason and no output yet.</param>
    private static void WriteMessage(Utf8JsonWriter json, Answer answer, string? text)
    {
        json.WriteStartObject();
        json.WriteString("id", answer.Id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", answer.Quote.Model.AnswerName);
        json.WriteStartArray("content");
        if (text is not null)
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("stop_reason", text is null ? null : StopReason(answer));
        json.WriteNull("stop_sequence");
        WriteUsage(json, answer.Quote, text is null ? 0 : answer.Quote.OutputTokens, withCost: text is not null);
        json.WriteEndObject();
    }

    private static string StopReason(Answer answer) => answer.FinishReason == "length" ? "max_tokens" : "end_turn";

    private static void WriteUsage(Utf8JsonWriter json, SandboxQuote quote, int outputTokens, bool withCost)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", quote.PromptTokens);
        json.WriteNumber("output_tokens", outputTokens);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("cache_read_input_tokens", 0);
        if (withCost)
        {
            WriteCost(json, quote);
        }

        json.WriteEndObject();
    }
}
