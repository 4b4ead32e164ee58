using System.Text.Json;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads from a request body what decides its price, in one forward pass; messages are skipped, never copied.</summary>
internal static class RequestReader
{
    private const int MaxFallbacks = 32;

    // Schemas of tools nest deeply; the reader does not recurse, so depth costs nothing.
    private static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 10_000 };

    /// <summary>Reads a body; one that is no JSON object gives a request of unknown model, which counts as paid.</summary>
    public static BillableRequest Read(ReadOnlySpan<byte> body, string? apiKey)
    {
        var facts = new Facts();
        try
        {
            // A server that decodes the body as text drops a byte order mark.
            var reader = new Utf8JsonReader(body.StartsWith("\uFEFF"u8) ? body[3..] : body, Lenient);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Unreadable(apiKey);
            }

            ReadMembers(ref reader, ref facts);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken JSON or text (a lone surrogate): the server will refuse it, and until then it is the dearest kind of request.
            return Unreadable(apiKey);
        }

        return new BillableRequest
        {
            Model = facts.Model,
            FallbackModels = facts is { Models: { } models, Fallbacks: { } fallbacks } ? [.. models, .. fallbacks] : facts.Models ?? facts.Fallbacks ?? [],
            HasPaidAddOns = facts.HasPlugins || facts.HasServerTools || facts.HasPaidVariant,
            ApiKey = apiKey,
        };
    }

    /// <summary>A request that nobody can look into: of unknown model, and possibly with everything that costs.</summary>
    public static BillableRequest Unreadable(string? apiKey) => new() { ApiKey = apiKey, HasPaidAddOns = true };

    // Of a member that occurs twice the last one counts, as at the server.
    private static void ReadMembers(ref Utf8JsonReader reader, ref Facts facts)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                facts.Model = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("models"u8))
            {
                reader.Read();
                facts.Models = ReadModels(ref reader);
            }
            else if (reader.ValueTextEquals("fallbacks"u8))
            {
                reader.Read();
                facts.Fallbacks = ReadModels(ref reader);
            }
            else if (reader.ValueTextEquals("plugins"u8))
            {
                reader.Read();
                facts.HasPlugins = HasElements(ref reader);
            }
            else if (reader.ValueTextEquals("tools"u8))
            {
                reader.Read();
                facts.HasServerTools = HasServerTool(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    // Elements are slugs, or objects that name their slug in "model". What is neither is unknown, and unknown counts as paid.
    private static List<string>? ReadModels(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        var models = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var slug = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.StartObject => ReadModel(ref reader),
                _ => null,
            };
            reader.Skip();
            if (models.Count < MaxFallbacks)
            {
                models.Add(slug ?? string.Empty);
            }
            else
            {
                models[^1] = string.Empty;
            }
        }

        return models;
    }

    private static string? ReadModel(ref Utf8JsonReader reader)
    {
        string? slug = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isModel = reader.ValueTextEquals("model"u8);
            reader.Read();
            if (isModel)
            {
                slug = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return slug;
    }

    private static bool HasElements(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var any = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            any = true;
            reader.Skip();
        }

        return any;
    }

    // OpenRouter runs tools whose type is prefixed; "function" tools run at the caller.
    private static bool HasServerTool(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var any = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                any |= IsServerTool(ref reader);
            }
        }

        return any;
    }

    private static bool IsServerTool(ref Utf8JsonReader reader)
    {
        var isServerTool = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                isServerTool = !reader.ValueTextEquals("function"u8) && !reader.ValueTextEquals("custom"u8);
            }

            reader.Skip();
        }

        return isServerTool;
    }

    private struct Facts
    {
        public string? Model;
        public List<string>? Models;
        public List<string>? Fallbacks;
        public bool HasPlugins;
        public bool HasServerTools;

        public readonly bool HasPaidVariant =>
            ModelSlug.HasPaidVariant(Model) || Models?.Exists(ModelSlug.HasPaidVariant) == true || Fallbacks?.Exists(ModelSlug.HasPaidVariant) == true;
    }
}
