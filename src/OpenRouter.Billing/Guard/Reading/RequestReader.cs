using System.Text.Json;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads from a request body what decides its price, in one forward pass; messages are skipped, never copied.</summary>
internal static class RequestReader
{
    private const int MaxFallbacks = 32;

    /// <summary>Reads a body; one that is no JSON object gives a request of unknown model, which counts as paid.</summary>
    public static BillableRequest Read(ReadOnlySpan<byte> body, string? apiKey)
    {
        var facts = new Facts();
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMembers(ref reader, ref facts);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken JSON or text (a lone surrogate): the server will refuse it, and until then it is the dearest kind of request.
            return new BillableRequest { ApiKey = apiKey };
        }

        return new BillableRequest
        {
            Model = facts.Model,
            FallbackModels = facts.Fallbacks ?? [],
            HasPaidAddOns = facts.HasPaidAddOns,
            ApiKey = apiKey,
        };
    }

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
            else if (reader.ValueTextEquals("models"u8) || reader.ValueTextEquals("fallbacks"u8))
            {
                reader.Read();
                ReadModels(ref reader, ref facts);
            }
            else if (reader.ValueTextEquals("plugins"u8))
            {
                reader.Read();
                facts.HasPaidAddOns |= HasElements(ref reader);
            }
            else if (reader.ValueTextEquals("tools"u8))
            {
                reader.Read();
                facts.HasPaidAddOns |= HasServerTool(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }

    // Elements are slugs, or objects that name their slug in "model".
    private static void ReadModels(ref Utf8JsonReader reader, ref Facts facts)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var slug = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            reader.Skip();
            facts.Fallbacks ??= [];
            if (facts.Fallbacks.Count < MaxFallbacks)
            {
                // What is no slug is unknown, and unknown counts as paid.
                facts.Fallbacks.Add(slug ?? string.Empty);
            }
        }
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
        public List<string>? Fallbacks;
        public bool HasPaidAddOns;
    }
}
