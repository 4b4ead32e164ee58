using System.Text.Json;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads which plugins and server tools a request asks for. What names itself in no way that is known still counts as one.</summary>
internal static class AddOnReader
{
    // Of more nobody keeps the count; the rest is taken for something unknown, which costs.
    private const int MaxAddOns = 64;

    /// <summary>Reads <c>plugins</c>: one that is switched off is none.</summary>
    public static List<RequestAddOn>? ReadPlugins(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        List<RequestAddOn>? plugins = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var draft = new Draft();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                var depth = reader.CurrentDepth;
                while (reader.Read() && reader.CurrentDepth > depth)
                {
                    if (reader.TokenType == JsonTokenType.PropertyName)
                    {
                        draft.ReadMember(ref reader, depth + 1, "id"u8);
                    }
                }
            }

            reader.Skip();
            if (!draft.IsOff)
            {
                Add(ref plugins, draft.ToAddOn());
            }
        }

        return plugins;
    }

    /// <summary>Reads <c>tools</c> and measures them; OpenRouter runs those whose type is not <c>function</c> or <c>custom</c>.</summary>
    public static List<RequestAddOn>? ReadTools(ref Utf8JsonReader reader, ref PromptMeter meter)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        List<RequestAddOn>? tools = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            meter.HasTools = true;
            var draft = new Draft();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                var depth = reader.CurrentDepth;
                while (reader.Read() && reader.CurrentDepth > depth)
                {
                    meter.AddSchemaToken(in reader);
                    if (reader.TokenType == JsonTokenType.PropertyName && draft.ReadMember(ref reader, depth + 1, "type"u8))
                    {
                        meter.AddSchemaToken(in reader);
                    }
                }
            }

            reader.Skip();
            if (draft.Name is not (null or "function" or "custom"))
            {
                Add(ref tools, draft.ToAddOn());
            }
        }

        return tools;
    }

    private static void Add(ref List<RequestAddOn>? addOns, RequestAddOn addOn)
    {
        addOns ??= [];
        if (addOns.Count < MaxAddOns)
        {
            addOns.Add(addOn);
        }
        else
        {
            addOns[^1] = new RequestAddOn(string.Empty);
        }
    }

    private ref struct Draft
    {
        private string? _engine;
        private int? _maxResults;
        private int? _maxUses;
        private string? _model;
        private int? _maxOutputTokens;

        public string? Name { get; private set; }

        public bool IsOff { get; private set; }

        public readonly RequestAddOn ToAddOn() => new(Name ?? string.Empty)
        {
            Engine = _engine,
            MaxResults = _maxResults,
            MaxUses = _maxUses,
            Model = _model,
            MaxOutputTokens = _maxOutputTokens,
        };

        /// <summary>Takes in a member of the add-on or of its settings; true when the reader has moved on to its value.</summary>
        public bool ReadMember(ref Utf8JsonReader reader, int depth, ReadOnlySpan<byte> nameMember)
        {
            if (reader.CurrentDepth == depth && reader.ValueTextEquals(nameMember))
            {
                reader.Read();
                Name = reader.TokenType == JsonTokenType.String ? NameOf(in reader) : null;
                return true;
            }

            if (reader.CurrentDepth == depth && reader.ValueTextEquals("enabled"u8))
            {
                reader.Read();
                IsOff = reader.TokenType == JsonTokenType.False;
                return true;
            }

            // Settings lie beside the name or one level below it: {"pdf":{"engine":…}}, {"parameters":{"max_uses":…}}.
            if (reader.CurrentDepth > depth + 1)
            {
                return false;
            }

            return ReadWord(ref reader, "engine"u8, ref _engine)
                || ReadWord(ref reader, "model"u8, ref _model)
                || ReadCount(ref reader, "max_results"u8, ref _maxResults)
                || ReadCount(ref reader, "max_uses"u8, ref _maxUses)
                || ReadCount(ref reader, "max_completion_tokens"u8, ref _maxOutputTokens);
        }

        private static bool ReadWord(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref string? word)
        {
            if (!reader.ValueTextEquals(name))
            {
                return false;
            }

            reader.Read();
            word = reader.TokenType == JsonTokenType.String ? reader.GetString() : word;
            return true;
        }

        private static bool ReadCount(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref int? count)
        {
            if (!reader.ValueTextEquals(name))
            {
                return false;
            }

            reader.Read();
            count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value) && value >= 0 ? value : count;
            return true;
        }

        // The usual case is the tool that runs at the caller; its name is not made anew for each.
        private static string? NameOf(in Utf8JsonReader reader) => reader.ValueTextEquals("function"u8) ? "function" : reader.GetString();
    }
}
