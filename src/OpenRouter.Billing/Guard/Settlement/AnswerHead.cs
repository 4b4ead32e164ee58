using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>What the head of an answer says about its body.</summary>
/// <param name="Format">How the body carries its usage.</param>
/// <param name="Coding">How the body is compressed; null when it is not.</param>
/// <param name="GenerationId">The answer's id; null when the head names none.</param>
/// <param name="IsCacheHit">Whether the answer came out of the response cache, and so costs nothing.</param>
internal readonly record struct AnswerHead(AnswerFormat Format, string? Coding, string? GenerationId, bool IsCacheHit)
{
    // Read raw: the typed headers would put what they parsed in the place of what the server wrote.
    public static AnswerHead Read(HttpResponseMessage response)
    {
        var mediaType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString().AsSpan() : default;
        return new AnswerHead(
            FormatOf(mediaType.IndexOf(';') is >= 0 and var end ? mediaType[..end].Trim() : mediaType.Trim()),
            ContentCoding.Of(response.Content),
            Value(response, "X-Generation-Id"),
            IsOneOf(Value(response, "X-OpenRouter-Cache-Status"), "HIT"));
    }

    private static string? Value(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) && values.ToString().Trim() is { Length: > 0 } value ? value : null;

    private static AnswerFormat FormatOf(ReadOnlySpan<char> mediaType) =>
        IsOneOf(mediaType, "text/event-stream") ? AnswerFormat.EventStream
        : IsOneOf(mediaType, "", "application/json", "text/plain", "text/json") ? AnswerFormat.Json
        : AnswerFormat.Opaque;

    private static bool IsOneOf(ReadOnlySpan<char> text, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (text.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
