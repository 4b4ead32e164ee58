using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary><c>/responses</c>: data lines only, the type inside, numbered from 0, usage in the last event.</summary>
internal sealed class ResponsesFormat : AnswerFormat
{
    private int _sequence;

    public override ReadOnlyMemory<byte> Whole(Answer answer) => Json.Write(json => WriteResponse(json, answer, "completed"));

    public override ReadOnlyMemory<byte> Opening(Answer answer)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "response.created", json => WriteResponse(json, answer, "in_progress", "response"));
        WriteEvent(events, "response.in_progress", json => WriteResponse(json, answer, "in_progress", "response"));
        WriteEvent(events, "response.output_item.added", json => WriteItem(json, answer, "in_progress", null));
        WriteEvent(events, "response.content_part.added", json => WritePart(json, answer, ""));
        return events.ToBytes();
    }

    public override ReadOnlyMemory<byte> Chunk(Answer answer, string text)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "response.output_text.delta", json => WriteText(json, answer, "delta", text));
        return events.ToBytes();
    }

    public override ReadOnlyMemory<byte> Closing(Answer answer)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "response.output_text.done", json => WriteText(json, answer, "text", answer.Text));
        WriteEvent(events, "response.content_part.done", json => WritePart(json, answer, answer.Text));
        WriteEvent(events, "response.output_item.done", json => WriteItem(json, answer, "completed", answer.Text));
        WriteEvent(events, answer.FinishReason == "length" ? "response.incomplete" : "response.completed", json => WriteResponse(json, answer, "completed", "response"));
        return events.Done().ToBytes();
    }

    public override ReadOnlyMemory<byte> Failure(Answer answer, int code, string message)
    {
        ServerSentEvents events = new();
        WriteEvent(events, "response.failed", json => WriteResponse(json, answer, "failed", "response", message));
        return events.ToBytes();
    }

    private void WriteEvent(ServerSentEvents events, string type, Action<Utf8JsonWriter> members) => events.Data(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        members(json);
        json.WriteNumber("sequence_number", _sequence++);
        json.WriteEndObject();
    });

    private static void WriteResponse(Utf8JsonWriter json, Answer answer, string status, string? name = null, string? failure = null)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        bool isComplete = status == "completed";
        json.WriteStartObject();
        json.WriteString("id", answer.Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", answer.Created);
        json.WriteString("model", answer.Quote.RequestedModel);
        WriteStatus(json, answer, status, isComplete);
        json.WriteStartArray("output");
        if (isComplete)
        {
            WriteMessage(json, answer, "completed", answer.Text);
        }

        json.WriteEndArray();
        WriteFailure(json, failure);
        json.WriteNumber("max_output_tokens", answer.Quote.MaximumOutputTokens);
        if (isComplete)
        {
            WriteUsage(json, answer.Quote);
        }
        else
        {
            json.WriteNull("usage");
        }

        json.WriteEndObject();
    }

    /// <summary>An answer that its output cap cut short is not failed but incomplete.</summary>
    private static void WriteStatus(Utf8JsonWriter json, Answer answer, string status, bool isComplete)
    {
        bool isCut = isComplete && answer.FinishReason == "length";
        json.WriteString("status", isCut ? "incomplete" : status);
        if (isCut)
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }
    }

    private static void WriteFailure(Utf8JsonWriter json, string? failure)
    {
        if (failure is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", "server_error");
        json.WriteString("message", failure);
        json.WriteEndObject();
        json.WriteString("error_type", "provider_unavailable");
    }

    private static void WriteItem(Utf8JsonWriter json, Answer answer, string status, string? text)
    {
        json.WriteNumber("output_index", 0);
        json.WritePropertyName("item");
        WriteMessage(json, answer, status, text);
    }

    private static void WriteMessage(Utf8JsonWriter json, Answer answer, string status, string? text)
    {
        json.WriteStartObject();
        json.WriteString("id", ItemId(answer));
        json.WriteString("type", "message");
        json.WriteString("status", status);
        json.WriteString("role", "assistant");
        json.WriteStartArray("content");
        if (text is not null)
        {
            WriteOutputText(json, text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, Answer answer, string text)
    {
        WritePlace(json, answer);
        json.WritePropertyName("part");
        WriteOutputText(json, text);
    }

    private static void WriteText(Utf8JsonWriter json, Answer answer, string name, string text)
    {
        WritePlace(json, answer);
        json.WriteString(name, text);
        WriteEmptyArray(json, "logprobs");
    }

    private static void WritePlace(Utf8JsonWriter json, Answer answer)
    {
        json.WriteNumber("output_index", 0);
        json.WriteString("item_id", ItemId(answer));
        json.WriteNumber("content_index", 0);
    }

    private static void WriteOutputText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", text);
        WriteEmptyArray(json, "annotations");
        WriteEmptyArray(json, "logprobs");
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, SandboxQuote quote)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", quote.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", quote.OutputTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", quote.PromptTokens + quote.OutputTokens);
        WriteCost(json, quote, "input", "output");
        json.WriteEndObject();
    }

    private static string ItemId(Answer answer) => $"msg_{answer.Id}";

    private static void WriteEmptyArray(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }
}
