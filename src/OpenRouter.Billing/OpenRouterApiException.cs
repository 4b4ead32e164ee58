using System.Net;

namespace OpenRouter.Billing;

/// <summary>OpenRouter answered a billing call with an error, or with something that is no answer to it.</summary>
/// <remarks>
/// An HTTP 200 can end here too: one whose body is an error, is empty, is HTML, is larger than the call allows or lacks
/// what was asked for. The body itself is not kept, because it may quote account identifiers.
/// </remarks>
public sealed class OpenRouterApiException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, without keys and account identifiers.</param>
    /// <param name="statusCode">The HTTP status of the answer.</param>
    /// <param name="innerException">Why the body could not be read; <see langword="null"/> when it could.</param>
    public OpenRouterApiException(string message, HttpStatusCode statusCode, Exception? innerException = null)
        : base(message, innerException) =>
        StatusCode = statusCode;

    /// <summary>Gets the HTTP status of the answer.</summary>
    /// <remarks>Equals <c>error.code</c> for a request that was refused as a whole; 200 when the body was the error.</remarks>
    public HttpStatusCode StatusCode { get; }

    /// <summary>Gets the error's own code as the server wrote it: a status such as <c>402</c>, or a word.</summary>
    /// <value><see langword="null"/> when the body had none.</value>
    /// <remarks>Read from <c>error.code</c>, a number or a string.</remarks>
    public string? ErrorCode { get; init; }

    /// <summary>Gets the error's kind, such as <c>payment_required</c>.</summary>
    /// <value><see langword="null"/> when the body had none. New values appear unannounced.</value>
    /// <remarks>Read from <c>error.metadata.error_type</c>, <c>error.error_type</c> or <c>error_type</c>.</remarks>
    public string? ErrorType { get; init; }

    /// <summary>Gets which limit refused, such as <c>openrouter_key_limit</c>.</summary>
    /// <value><see langword="null"/> when no limit refused or the server did not say. New values appear unannounced.</value>
    /// <remarks>Read from <c>error.metadata.limit_source</c>.</remarks>
    public string? LimitSource { get; init; }

    /// <summary>Gets the server's sentence about the error, with addresses, keys and account identifiers cut out.</summary>
    /// <value><see langword="null"/> when the body had none.</value>
    /// <remarks>Read from <c>error.message</c>.</remarks>
    public string? ServerMessage { get; init; }

    /// <summary>Gets how long the server asks to wait before the call is repeated.</summary>
    /// <value><see langword="null"/> when it did not say; never negative.</value>
    /// <remarks>Read from <c>Retry-After</c>, <c>error.metadata.headers</c> or <c>error.metadata.retry_after_seconds</c>.</remarks>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the generation that the answer names.</summary>
    /// <value><see langword="null"/> when it names none. Its presence proves no charge.</value>
    /// <remarks>Read from <c>X-Generation-Id</c>, else from <c>id</c>.</remarks>
    public string? GenerationId { get; init; }
}
