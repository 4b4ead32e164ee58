using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Sandbox;

/// <summary>What a chat, completions, responses or messages body asks for, as far as billing cares.</summary>
internal sealed record InferenceRequest
{
    /// <summary>Stands for role and delimiters, which real tokenizers charge for as well.</summary>
    private const int TokensPerMessage = 4;
    private const int BytesPerToken = 4;

    /// <value>Null when the body names no model.</value>
    public required string? Model { get; init; }
    public required int PromptTokens { get; init; }

    /// <value>Null when the body sets no cap.</value>
    public required int? OutputCap { get; init; }
    public required bool Stream { get; init; }
    public required WebSearch? Search { get; init; }

    public static int CountTokens(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    /// <returns>Null when the body is not a JSON object or has no input.</returns>
    public static InferenceRequest? Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape: valid JSON, but no text.
            return null;
        }
    }

    private static InferenceRequest? Read(JsonElement root)
    {
        int promptTokens = PromptTokensOf(root);
        return promptTokens == 0 ? null : new InferenceRequest
        {
            Model = ModelOf(root),
            PromptTokens = promptTokens,
            OutputCap = OutputCapOf(root),
            Stream = root.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True,
            Search = WebSearch.Of(root),
        };
    }

    private static string? ModelOf(JsonElement root)
    {
        if (root.TryGetProperty("model", out JsonElement model) && model.ValueKind == JsonValueKind.String)
        {
            return model.GetString();
        }

        return root.TryGetProperty("models", out JsonElement models) && models.ValueKind == JsonValueKind.Array
            ? models.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.String).Select(m => m.GetString()).FirstOrDefault()
            : null;
    }

    private static int? OutputCapOf(JsonElement root)
    {
        int? cap = null;
        foreach (string name in (string[])["max_tokens", "max_completion_tokens", "max_output_tokens"])
        {
            if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int tokens))
            {
                cap = cap is { } other ? Math.Min(other, tokens) : tokens;
            }
        }

        return cap is { } found ? Math.Max(found, 1) : null;
    }

    private static int PromptTokensOf(JsonElement root)
    {
        int tokens = 0;
        foreach (string name in (string[])["system", "instructions", "prompt", "input", "messages"])
        {
            if (root.TryGetProperty(name, out JsonElement value))
            {
                tokens += value.ValueKind switch
                {
                    JsonValueKind.String => TokensPerMessage + CountTokens(value.GetString()!),
                    JsonValueKind.Array when name == "system" => MessageTokens(value),
                    JsonValueKind.Array => value.EnumerateArray().Sum(MessageTokens),
                    _ => 0,
                };
            }
        }

        return tokens;
    }

    private static int MessageTokens(JsonElement message) => TokensPerMessage + CountTokens(TextOf(message));

    /// <summary>Joins the text of a message: the string itself, its <c>content</c>, or the <c>text</c> of its parts. Other parts count nothing.</summary>
    private static string TextOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.Array => string.Concat(element.EnumerateArray().Select(TextOf)),
        JsonValueKind.Object when element.TryGetProperty("content", out JsonElement content) => TextOf(content),
        JsonValueKind.Object when element.TryGetProperty("text", out JsonElement text) => TextOf(text),
        _ => "",
    };
}
