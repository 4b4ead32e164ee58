using System.Text;
using System.Text.Json;

namespace OpenRouter.Billing.Wire;

/// <summary>What an error body says, whichever of its many shapes it has. Reading one never fails: an unreadable body says nothing.</summary>
/// <remarks>
/// The shapes: the envelope <c>{"error":{…}}</c>, the object without it, <c>error</c> as a word, a code that is a number, a
/// word or absent, the validation shape with a name instead of a code, an error inside a choice or a failed response, and
/// any of these as the payload of a server-sent event.
/// </remarks>
internal sealed record ErrorBody
{
    /// <summary>How long an error may be; a longer body is none, and reading it would only cost time.</summary>
    public const int MaxBytes = 64 * 1024;

    public static readonly ErrorBody Nothing = new();

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, MaxDepth = 64 };

    /// <summary>Gets whether the body holds an error at all.</summary>
    public bool IsError { get; private init; }

    public string? Code { get; private init; }

    public string? Message { get; private init; }

    public string? ErrorType { get; private init; }

    public string? LimitSource { get; private init; }

    public string? GenerationId { get; private init; }

    public string? HeaderRetryAfter { get; private init; }

    public string? RetryAfterSeconds { get; private init; }

    public string? RateLimit { get; private init; }

    public string? RateLimitRemaining { get; private init; }

    public string? RateLimitReset { get; private init; }

    public string? Reason { get; private init; }

    public string? Scope { get; private init; }

    public string? ResetsAt { get; private init; }

    public string? LimitDollars { get; private init; }

    public string? SpentDollars { get; private init; }

    public string? ProviderName { get; private init; }

    /// <summary>Gets whether a content guardrail names its patterns. They may quote the prompt, so they are not read.</summary>
    public bool HasPatterns { get; private init; }

    /// <summary>Gets whether a moderation names its reasons or what it flagged, which is not read either.</summary>
    public bool HasModeration { get; private init; }

    /// <summary>Gets whether the error came after the answer had begun: in a stream, in a choice, or beside choices.</summary>
    public bool IsMidAnswer { get; private init; }

    public static ErrorBody Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBytes)
        {
            return Nothing;
        }

        body = body[ByteOrderMark.LengthIn(body)..];
        var json = body.TrimStart(" \t\r\n"u8);
        if (json.StartsWith("{"u8))
        {
            return ReadJson(json);
        }

        // Server-sent events: the error is in one of the data lines, usually the last that is JSON.
        var found = Nothing;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.StartsWith("data:"u8) && ReadJson(line[5..].Trim(" \r"u8)) is { IsError: true } error)
            {
                found = error with { IsMidAnswer = true };
            }
        }

        return found;
    }

    private static ErrorBody ReadJson(ReadOnlySpan<byte> json)
    {
        try
        {
            // The reader's own bytes would end with the span, so the document takes a copy.
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(json), Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Object ? ReadObject(document.RootElement) : Nothing;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is what an escape such as \ud800 without its partner ends in.
            return Nothing;
        }
    }

    private static ErrorBody ReadObject(JsonElement root)
    {
        var id = Text(root, "id");
        if (Object(root, "response") is { } response)
        {
            return ReadObject(response);
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String)
        {
            var words = error.GetString()!;
            var isCode = !words.Any(char.IsWhiteSpace);
            return new ErrorBody { IsError = true, Code = isCode ? words : null, Message = Text(root, "error_description") ?? (isCode ? null : words), GenerationId = id };
        }

        if (Object(root, "error") is { } wrapped)
        {
            return Describe(wrapped, root) with { GenerationId = id, IsMidAnswer = Choices(root).Any() };
        }

        foreach (var choice in Choices(root).Where(choice => choice.ValueKind == JsonValueKind.Object))
        {
            if (Object(choice, "error") is { } partial)
            {
                return Describe(partial, root) with { GenerationId = id, IsMidAnswer = true };
            }

            if (Text(choice, "finish_reason") == "error")
            {
                return new ErrorBody { IsError = true, GenerationId = id, IsMidAnswer = true };
            }
        }

        return Text(root, "message") is not null && root.TryGetProperty("code", out _) ? Describe(root, root)
            : Text(root, "status") == "failed" ? new ErrorBody { IsError = true, ErrorType = Text(root, "error_type"), GenerationId = id }
            : Nothing;
    }

    private static JsonElement.ArrayEnumerator Choices(JsonElement root) =>
        root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array ? choices.EnumerateArray() : default;

    private static ErrorBody Describe(JsonElement error, JsonElement root)
    {
        // Two of the three skins have it beside the error.
        var metadata = Object(error, "metadata") ?? Object(root, "metadata");
        var headers = metadata is { } held ? Object(held, "headers") : null;
        return new ErrorBody
        {
            IsError = true,
            Code = Text(error, "code") ?? Text(error, "type") ?? Text(error, "name"),
            Message = Text(error, "message"),
            ErrorType = Text(metadata, "error_type") ?? Text(error, "error_type") ?? Text(root, "error_type"),
            LimitSource = Text(metadata, "limit_source"),
            HeaderRetryAfter = Text(headers, "Retry-After"),
            RetryAfterSeconds = Text(metadata, "retry_after_seconds"),
            RateLimit = Text(headers, "X-RateLimit-Limit"),
            RateLimitRemaining = Text(headers, "X-RateLimit-Remaining"),
            RateLimitReset = Text(headers, "X-RateLimit-Reset"),
            Reason = Text(metadata, "reason"),
            Scope = Text(metadata, "scope"),
            ResetsAt = Text(metadata, "resets_at"),
            LimitDollars = Text(metadata, "limit_usd"),
            SpentDollars = Text(metadata, "spend_usd"),
            ProviderName = Text(metadata, "provider_name"),
            HasPatterns = Has(metadata, "patterns"),
            HasModeration = Has(metadata, "reasons") || Has(metadata, "flagged_input"),
        };
    }

    private static JsonElement? Object(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static bool Has(JsonElement? parent, string name) =>
        parent is { } held && held.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    private static string? Text(JsonElement? parent, string name)
    {
        if (parent is not { } held || !TryGet(held, name, out var value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
    }

    // Header names inside a body keep whatever casing the edge had; JSON members do not vary.
    private static bool TryGet(JsonElement parent, string name, out JsonElement value)
    {
        if (parent.TryGetProperty(name, out value))
        {
            return true;
        }

        foreach (var member in parent.EnumerateObject())
        {
            if (string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                value = member.Value;
                return true;
            }
        }

        return false;
    }
}
