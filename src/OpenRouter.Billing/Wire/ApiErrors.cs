using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace OpenRouter.Billing.Wire;

/// <summary>The one place where a failed billing call becomes an exception.</summary>
internal static class ApiErrors
{
    private static readonly SearchValues<char> MemberPath = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_.[]0123456789");

    public static OpenRouterApiException Refused(BillingCall call, WireAnswer answer)
    {
        var sentence = Shown(call, ServerText.Clean(answer.Error.Message));
        var text = string.Create(CultureInfo.InvariantCulture, $"{call.Name} was answered with {Shown(answer.Status)}");
        text += sentence is not null ? $": {sentence}{(char.IsPunctuation(sentence[^1]) ? string.Empty : ".")}" : Shown(call, ServerText.Word(answer.Error.Code)) is { } code ? $" and the error code '{code}'." : answer.Body.IsEmpty ? " and an empty body." : " and a body that is no error object.";
        return Describe(call, answer, answer.Error, text + Advice(answer), null);
    }

    public static OpenRouterApiException Unreadable(BillingCall call, WireAnswer answer, JsonException exception)
    {
        var what = answer.Body.IsEmpty ? "an empty body" : LooksLikeMarkup(answer) ? "a web page instead of JSON" : "a body that is not the expected JSON";
        return Describe(call, answer, answer.Error, $"{call.Name} was answered with {Shown(answer.Status)} and {what}. Check BaseAddress and any proxy between.", WithoutBody(exception));
    }

    public static OpenRouterApiException TooLarge(BillingCall call, WireAnswer answer) =>
        Describe(call, answer, ErrorBody.Nothing, string.Create(CultureInfo.InvariantCulture, $"{call.Name} was answered with more than {call.MaxAnswerBytes} bytes, which no such answer has. Check BaseAddress and any proxy between."), null);

    public static OpenRouterApiException Incomplete(BillingCall call, WireAnswer answer, string member) =>
        Describe(call, answer, answer.Error, $"{call.Name} was answered without '{member}', so the answer has no meaning. Check BaseAddress and any proxy between.", null);

    public static OpenRouterConnectionException TimedOut(BillingCall call, Uri baseAddress, TimeSpan bound, Exception? fault) =>
        new($"{call.Name} got no answer from {baseAddress.Authority} within {bound:c}.{Doubt(call, fault)}", isTimeout: true, fault) { MayHaveArrived = !ConnectionFault.IsBeforeSending(fault) };

    public static OpenRouterConnectionException NotConnected(BillingCall call, Uri baseAddress, Exception fault) =>
        new($"{call.Name} could not reach {baseAddress.Authority}: {Describe(fault)}. Check BaseAddress and the network.{Doubt(call, fault)}", isTimeout: false, fault) { MayHaveArrived = !ConnectionFault.IsBeforeSending(fault) };

    /// <summary>A list whose pages do not end.</summary>
    public static OpenRouterApiException Endless(BillingCall call, int pages) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{call.Name} went on for more than {pages} pages, which no such list has. Check BaseAddress and any proxy between."), HttpStatusCode.OK);

    /// <summary>A list that is another one with every page.</summary>
    public static OpenRouterApiException Changing(BillingCall call) =>
        new($"{call.Name} was made anew every time while it was read. Read it again later.", HttpStatusCode.OK);

    private static string Doubt(BillingCall call, Exception? fault) =>
        call.Repetition != Repetition.WhenNeverReceived ? string.Empty
        : ConnectionFault.IsBeforeSending(fault) ? " Nothing was changed."
        : " The change may have been made: read before repeating it.";

    private static OpenRouterApiException Describe(BillingCall call, WireAnswer answer, ErrorBody error, string message, Exception? exception) =>
        new(message, answer.Status, exception)
        {
            ErrorCode = Shown(call, ServerText.Word(error.Code)),
            ErrorType = Shown(call, ServerText.Word(error.ErrorType)),
            LimitSource = Shown(call, ServerText.Word(error.LimitSource)),
            ServerMessage = Shown(call, ServerText.Clean(error.Message)),
            RetryAfter = RetryHint.Read(answer),
            GenerationId = Shown(call, ServerText.Word(answer.Headers.TryGetValues("X-Generation-Id", out var ids) ? ids.FirstOrDefault() : error.GenerationId)),
        };

    private static string? Shown(BillingCall call, string? text) =>
        text is not null && (ServerText.Repeats(text, call.Key) || (call.Secret is { } secret && ServerText.Repeats(text, secret))) ? "(left out: it repeats the key that was sent)" : text;

    // The parser quotes what it stumbles over, up to the whole body; where it stumbled is enough.
    private static JsonException WithoutBody(JsonException exception) => new(
        string.Create(CultureInfo.InvariantCulture, $"Line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}{MemberAt(exception.Path)}."));

    // A path may hold any name that the server chose; only one that looks like a member of ours is shown.
    private static string MemberAt(string? path) =>
        path is { Length: > 1 and < 80 } && path.AsSpan(1).IndexOfAnyExcept(MemberPath) < 0 ? $", at {ServerText.Clean(path)}" : string.Empty;

    private static string Advice(WireAnswer answer) => answer.Status switch
    {
        HttpStatusCode.Unauthorized => " The key is unknown, disabled or expired, or not of the kind that this call wants.",
        // An error object shows that the address is right and the thing asked for is not there.
        HttpStatusCode.NotFound when !answer.Error.IsError => " Check BaseAddress: its path ends with the version, such as v1.",
        HttpStatusCode.Forbidden => " This call wants another kind of key, or the key may not do this.",
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => " Redirects are not followed, because the key does not travel along: correct BaseAddress.",
        _ => string.Empty,
    };

    private static string Describe(Exception fault) =>
        fault is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } request ? request.HttpRequestError.ToString() : fault.GetType().Name;

    private static string Shown(HttpStatusCode status) => ((int)status).ToString(CultureInfo.InvariantCulture);

    private static bool LooksLikeMarkup(WireAnswer answer) => answer.Body.Span.TrimStart(" \t\r\n"u8).StartsWith("<"u8);
}
