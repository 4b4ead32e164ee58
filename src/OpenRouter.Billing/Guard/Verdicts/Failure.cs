using System.Globalization;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>A failed answer: its status, what its body says, and its headers, which may also stand in the body.</summary>
internal sealed class Failure
{
    private const int UnknownStatus = 0;

    private readonly FailureHeaders _headers;

    public Failure(int status, FailureHeaders headers, ErrorBody error)
    {
        _headers = headers;
        Error = error;
        Text = new FailureText(error.Message);
        IsSuccess = status is >= 200 and <= 299;
        Status = IsSuccess ? StatusOf(error) : status;
    }

    /// <summary>Gets whether the answer began as a success, so that its failure stands in the body only.</summary>
    public bool IsSuccess { get; }

    /// <summary>Gets the status, or the one that the error of a success stands for; 0 when it stands for none.</summary>
    public int Status { get; }

    public ErrorBody Error { get; }

    public FailureText Text { get; }

    public string? Limit => _headers.RateLimit ?? Error.RateLimit;

    public string? Remaining => _headers.RateLimitRemaining ?? Error.RateLimitRemaining;

    public string? Reset => _headers.RateLimitReset ?? Error.RateLimitReset;

    public TimeSpan? RetryAfter(DateTimeOffset now) =>
        _headers.WaitFrom(now)
        ?? (_headers with { RetryAfter = Error.HeaderRetryAfter }).WaitFrom(now)
        ?? RetryHint.Seconds(Error.RetryAfterSeconds);

    private static int StatusOf(ErrorBody error)
    {
        if (int.TryParse(error.Code, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 400 and <= 599)
        {
            return code;
        }

        // The skins collapse many statuses into one word; the error's type, where there is one, says more.
        var known = StatusOf(error.ErrorType);
        return known == UnknownStatus ? StatusOf(error.Code) : known;
    }

    private static int StatusOf(string? word) => word switch
    {
        "authentication" or "authentication_error" => 401,
        "payment_required" or "billing_error" => 402,
        "permission_denied" or "permission_error" or "content_policy_violation" or "image_content_policy_violation" or "refusal" => 403,
        "not_found" or "image_not_found" or "not_found_error" => 404,
        "precondition_failed" => 412,
        "payload_too_large" => 413,
        "unprocessable" => 422,
        "rate_limit_exceeded" or "rate_limit_error" => 429,
        "server" or "unmapped" or "server_error" or "api_error" => 500,
        "provider_unavailable" => 502,
        "provider_overloaded" => 503,
        "overloaded_error" => 529,
        "timeout" or "timeout_error" => 504,
        "context_length_exceeded" or "max_tokens_exceeded" or "token_limit_exceeded" or "string_too_long" or "invalid_request"
            or "invalid_request_error" or "invalid_prompt" or "invalid_image" or "image_too_large" or "image_too_small"
            or "unsupported_image_format" or "image_download_failed" or "ZodError" => 400,
        _ => UnknownStatus,
    };
}
