using System.Text;
using System.Text.Json;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Reads from a request body what decides its price, in one forward pass; messages are measured, never copied.</summary>
internal static class RequestReader
{
    private const int MaxFallbacks = 32;
    private const decimal Million = 1_000_000;

    // More than any model counts to, and far below where a sum could overflow.
    private const long MaxCount = 1_000_000_000;
    private const int MaxAnswers = 1_000;
    private const decimal MaxPrice = 1_000_000_000_000;

    /// <summary>How bodies are read: what servers forgive is forgiven here too.</summary>
    // Schemas of tools nest deeply; the reader does not recurse, so depth costs nothing.
    public static readonly JsonReaderOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 10_000 };

    /// <summary>Reads a body; one that is no JSON object gives a request of unknown model, which counts as paid.</summary>
    public static BillableRequest Read(ReadOnlySpan<byte> body, string? apiKey, bool isPricedByText = true)
    {
        var facts = new Facts { Answers = 1, Meter = new PromptMeter(Ascii.IsValid(body)) };
        try
        {
            // A server that decodes the body as text drops a byte order mark.
            var reader = new Utf8JsonReader(body[ByteOrderMark.LengthIn(body)..], Lenient);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Unreadable(apiKey);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadMember(ref reader, ref facts);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken JSON or text (a lone surrogate): the server will refuse it, and until then it is the dearest kind of request.
            return Unreadable(apiKey);
        }

        return facts.ToRequest(apiKey, isPricedByText);
    }

    /// <summary>A request that nobody can look into: of unknown model, and possibly with everything that costs.</summary>
    public static BillableRequest Unreadable(string? apiKey) => new() { ApiKey = apiKey, HasPaidAddOns = true, IsUnreadable = true };

    // Of a member that occurs twice the last one counts, as at the server. Text is only ever added up: too much is the safe side.
    private static void ReadMember(ref Utf8JsonReader reader, ref Facts facts)
    {
        var member = RequestMembers.Of(in reader);
        reader.Read();
        switch (member)
        {
            case RequestMember.Model:
                facts.Model = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestMember.Models:
                facts.Models = ReadModels(ref reader);
                break;
            case RequestMember.Fallbacks:
                facts.Fallbacks = ReadModels(ref reader);
                break;
            case RequestMember.Messages:
                facts.HasPrompt |= reader.TokenType != JsonTokenType.Null;
                facts.Meter.AddMessages(ref reader);
                return;
            case RequestMember.Schema:
                facts.Meter.AddSchema(ref reader);
                return;
            case RequestMember.Tools:
                facts.Tools = AddOnReader.ReadTools(ref reader, ref facts.Meter);
                break;
            case RequestMember.Plugins:
                facts.Plugins = AddOnReader.ReadPlugins(ref reader);
                break;
            case RequestMember.MaxTokens:
                facts.MaxTokens.Name(ReadCount(ref reader));
                break;
            case RequestMember.MaxCompletionTokens:
                facts.MaxCompletionTokens.Name(ReadCount(ref reader));
                break;
            case RequestMember.MaxOutputTokens:
                facts.MaxOutputTokens.Name(ReadCount(ref reader));
                break;
            case RequestMember.Answers:
                facts.Answers = (int)Math.Min(ReadCount(ref reader) ?? 1, MaxAnswers);
                break;
            case RequestMember.MaxToolCalls:
                facts.MaxToolCalls = (int?)ReadCount(ref reader);
                break;
            case RequestMember.ServiceTier:
                facts.ServiceTier = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestMember.Stream:
                facts.IsStreamed = reader.TokenType == JsonTokenType.True;
                break;
            case RequestMember.MaySearch:
                facts.MaySearch |= reader.TokenType != JsonTokenType.Null;
                break;
            case RequestMember.Provider:
                facts.PriceCap = ReadProvider(ref reader);
                return;
        }

        reader.Skip();
    }

    // Elements are slugs, or objects that name their slug in "model". What is neither is unknown, and unknown counts as paid.
    private static List<string>? ReadModels(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
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

    private static RequestPriceCap? ReadProvider(ref Utf8JsonReader reader)
    {
        RequestPriceCap? cap = null;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCap = reader.ValueTextEquals("max_price"u8);
                reader.Read();
                cap = !isCap ? cap : reader.TokenType == JsonTokenType.StartObject ? ReadPriceCap(ref reader) : null;
                reader.Skip();
            }
        }

        reader.Skip();
        return cap;
    }

    // Prices are strings in the schema and numbers in the documentation; those of tokens are per million.
    private static RequestPriceCap ReadPriceCap(ref Utf8JsonReader reader)
    {
        var cap = new RequestPriceCap();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isPrompt, isCompletion, isRequest) = (reader.ValueTextEquals("prompt"u8), reader.ValueTextEquals("completion"u8), reader.ValueTextEquals("request"u8));
            reader.Read();
            decimal? price = reader.TokenType is JsonTokenType.Number or JsonTokenType.String && LenientDecimalConverter.TryRead(ref reader, out var value) && value is >= 0 and <= MaxPrice ? value : null;
            cap = isPrompt ? cap with { Prompt = price / Million }
                : isCompletion ? cap with { Completion = price / Million }
                : isRequest ? cap with { Request = price }
                : cap;
            reader.Skip();
        }

        return cap;
    }

    // A count may be written 1e3 or 100.0. The server takes less than one for one.
    private static long? ReadCount(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.Number ? null
        : reader.TryGetInt64(out var whole) ? Math.Clamp(whole, 1, MaxCount)
        : LenientDecimalConverter.TryRead(ref reader, out var count) ? (long)Math.Clamp(count, 1, MaxCount)
        : null;

    // Of several names the server picks one; the largest is the safe one.
    private static long? Largest(long? one, long? other) => one is { } first && other is { } second ? Math.Max(first, second) : one ?? other;

    private struct Facts
    {
        public string? Model;
        public List<string>? Models;
        public List<string>? Fallbacks;
        public List<RequestAddOn>? Tools;
        public List<RequestAddOn>? Plugins;
        public PromptMeter Meter;
        public bool HasPrompt;
        public bool MaySearch;
        public bool IsStreamed;
        public OutputCap MaxTokens;
        public OutputCap MaxCompletionTokens;
        public OutputCap MaxOutputTokens;
        public int Answers;
        public int? MaxToolCalls;
        public string? ServiceTier;
        public RequestPriceCap? PriceCap;

        private readonly bool HasPaidVariant =>
            ModelSlug.HasPaidVariant(Model) || Models?.Exists(ModelSlug.HasPaidVariant) == true || Fallbacks?.Exists(ModelSlug.HasPaidVariant) == true;

        public readonly BillableRequest ToRequest(string? apiKey, bool isPricedByText)
        {
            IReadOnlyList<RequestAddOn> addOns = Tools is { } tools && Plugins is { } plugins ? [.. tools, .. plugins] : Tools ?? Plugins ?? (IReadOnlyList<RequestAddOn>)[];
            return new BillableRequest
            {
                Model = Model,
                FallbackModels = Models is { } models && Fallbacks is { } fallbacks ? [.. models, .. fallbacks] : Models ?? Fallbacks ?? (IReadOnlyList<string>)[],
                AddOns = addOns,
                HasPaidAddOns = AddOnPrices.AnyCosts(addOns, Meter.Files) || HasPaidVariant || MaySearch,
                Prompt = HasPrompt && isPricedByText ? Meter.Size : null,
                MaxOutputTokens = Largest(Largest(MaxTokens.Tokens, MaxCompletionTokens.Tokens), MaxOutputTokens.Tokens),
                MayLowerOutputCap = HasPrompt && isPricedByText,
                Answers = Answers,
                Images = Meter.Images,
                Recordings = Meter.Recordings,
                Files = Meter.Files,
                MediaBytes = Meter.MediaBytes,
                CachesForAnHour = Meter.CachesForAnHour,
                PriceCap = PriceCap,
                ServiceTier = ServiceTier,
                MaxToolCalls = MaxToolCalls,
                IsStreamed = IsStreamed,
                ApiKey = apiKey,
            };
        }
    }

    /// <summary>One name's cap. Repeated, the loosest of its values counts, and null is looser than any.</summary>
    private struct OutputCap
    {
        private bool _isNamed;

        public long? Tokens { get; private set; }

        public void Name(long? tokens)
        {
            Tokens = !_isNamed ? tokens : Tokens is { } other && tokens is { } value ? Math.Max(other, value) : null;
            _isNamed = true;
        }
    }
}
