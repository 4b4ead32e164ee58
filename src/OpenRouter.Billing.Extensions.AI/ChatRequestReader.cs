using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>Reads from messages and options what decides the price of a chat.</summary>
/// <remarks>
/// They are written as the body of a chat completion and read as the handler reads one, so that both ways in measure alike. The
/// longer of the ways to write a message is taken, so that what a wrapped client really sends is mostly covered by the claim.
/// </remarks>
internal static class ChatRequestReader
{
    // Stands for what a factory puts into the request, where nobody can see it.
    private static readonly RequestAddOn Unseen = new("raw_representation");

    // What these say is written from the options themselves.
    private static readonly HashSet<string> Written = new(StringComparer.Ordinal) { "model", "messages", "max_tokens", "tools", "response_format" };

    public static BillableRequest Read(IReadOnlyList<ChatMessage> messages, ChatOptions? options, string? defaultModel)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        bool isMeasured;
        using (var writer = new Utf8JsonWriter(body))
        {
            isMeasured = Write(writer, messages, options, defaultModel);
        }

        var request = BillableRequest.FromBody(body.WrittenSpan);
        if (options?.RawRepresentationFactory is not null)
        {
            request = request with { HasPaidAddOns = true, AddOns = [.. request.AddOns, Unseen] };
        }

        // Without a size the cost has no bound that is known.
        return isMeasured ? request : request with { Prompt = null };
    }

    private static bool Write(Utf8JsonWriter writer, IReadOnlyList<ChatMessage> messages, ChatOptions? options, string? defaultModel)
    {
        var isMeasured = true;
        writer.WriteStartObject();
        if ((options?.ModelId ?? defaultModel) is { } model)
        {
            writer.WriteString("model"u8, model);
        }

        if (options?.MaxOutputTokens is { } cap)
        {
            writer.WriteNumber("max_tokens"u8, cap);
        }

        writer.WriteStartArray("messages"u8);
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            StartMessage(writer, "system");
            WriteText(writer, instructions);
            EndMessage(writer);
        }

        foreach (var message in messages)
        {
            isMeasured &= WriteMessage(writer, message);
        }

        writer.WriteEndArray();
        if (options is not null)
        {
            WriteTools(writer, options);
            WriteFurther(writer, options);
        }

        writer.WriteEndObject();
        return isMeasured;
    }

    private static bool WriteMessage(Utf8JsonWriter writer, ChatMessage message)
    {
        var isMeasured = true;
        StartMessage(writer, message.Role.Value);
        foreach (var content in message.Contents)
        {
            isMeasured &= WriteContent(writer, content);
        }

        EndMessage(writer);
        return isMeasured;
    }

    private static void StartMessage(Utf8JsonWriter writer, string role)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        writer.WriteStartArray("content"u8);
    }

    private static void EndMessage(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static bool WriteContent(Utf8JsonWriter writer, AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                WriteText(writer, text.Text);
                return true;
            case TextReasoningContent reasoning:
                WriteText(writer, reasoning.Text);
                return true;
            case DataContent data:
                WriteMedia(writer, data.MediaType, data.Base64Data.Span, isData: true);
                return true;
            case UriContent address:
                WriteMedia(writer, address.MediaType, address.Uri.OriginalString, isData: false);
                return true;
            case FunctionCallContent call:
                WriteText(writer, call.CallId + call.Name);
                return call.Arguments is null || TryWriteObject(writer, call.Arguments);
            case FunctionResultContent result:
                WriteText(writer, result.CallId);
                return result.Result is null || TryWriteObject(writer, result.Result);
            case UsageContent:
                return true;
            default:
                return false;
        }
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    private static void WriteMedia(Utf8JsonWriter writer, string mediaType, ReadOnlySpan<char> value, bool isData)
    {
        var (type, member) = mediaType.Split('/')[0] switch
        {
            "image" => ("image_url", "url"),
            "audio" => ("input_audio", "data"),
            "video" => ("video_url", "url"),
            _ => ("file", "file_data"),
        };
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteString(isData ? "data" : member, value);
        writer.WriteEndObject();
    }

    // As the wrapped client will: through the serializer's options that all of them share.
    private static bool TryWriteObject(Utf8JsonWriter writer, object value)
    {
        try
        {
            var text = value as string ?? JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType()));
            WriteText(writer, text);
            return true;
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void WriteTools(Utf8JsonWriter writer, ChatOptions options)
    {
        if (options.Tools is { Count: > 0 } tools)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in tools)
            {
                WriteTool(writer, tool);
            }

            writer.WriteEndArray();
        }

        if (options.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } format)
        {
            writer.WriteStartObject("response_format"u8);
            writer.WriteString("type"u8, "json_schema"u8);
            writer.WriteString("name"u8, format.SchemaName ?? string.Empty);
            writer.WriteString("description"u8, format.SchemaDescription ?? string.Empty);
            writer.WritePropertyName("schema"u8);
            schema.WriteTo(writer);
            writer.WriteEndObject();
        }
    }

    // A tool that is no function runs at the server, under its own name, and costs.
    private static void WriteTool(Utf8JsonWriter writer, AITool tool)
    {
        writer.WriteStartObject();
        if (tool is AIFunctionDeclaration function)
        {
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            writer.WriteString("name"u8, function.Name);
            writer.WriteString("description"u8, function.Description);
            writer.WritePropertyName("parameters"u8);
            function.JsonSchema.WriteTo(writer);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteString("type"u8, "openrouter:" + tool.Name);
        }

        writer.WriteEndObject();
    }

    // Most clients put these into the body as they are: plugins, models, provider and so on.
    private static void WriteFurther(Utf8JsonWriter writer, ChatOptions options)
    {
        foreach (var (name, value) in options.AdditionalProperties ?? [])
        {
            if (Written.Contains(name))
            {
                continue;
            }

            writer.WritePropertyName(name);
            WriteValue(writer, value);
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonElement { ValueKind: not JsonValueKind.Undefined } element:
                element.WriteTo(writer);
                break;
            case JsonNode node:
                node.WriteTo(writer);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool isTrue:
                writer.WriteBooleanValue(isTrue);
                break;
            case IConvertible number:
                WriteNumber(writer, number);
                break;
            case IEnumerable<string> words:
                writer.WriteStartArray();
                foreach (var word in words)
                {
                    writer.WriteStringValue(word);
                }

                writer.WriteEndArray();
                break;
            default:
                // Something is asked for: where it stands for a plugin or a tool it counts as one that is unknown.
                writer.WriteStartArray();
                writer.WriteStartObject();
                writer.WriteEndObject();
                writer.WriteEndArray();
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, IConvertible number)
    {
        if (decimal.TryParse(number.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        }
    }
}
