using System.Globalization;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>The single words and numbers by which a failure is told, each at its edges.</summary>
public sealed class FailureWordTests
{
    private static readonly DateTimeOffset Now = FailureCases.Now;

    public static TheoryData<string, int> Words
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var (words, status) in new[]
            {
                ("authentication authentication_error", 401),
                ("payment_required billing_error", 402),
                ("permission_denied permission_error content_policy_violation image_content_policy_violation refusal", 403),
                ("not_found image_not_found not_found_error", 404),
                ("precondition_failed", 412),
                ("payload_too_large", 413),
                ("unprocessable", 422),
                ("rate_limit_exceeded rate_limit_error", 429),
                ("server unmapped server_error api_error", 500),
                ("provider_unavailable", 502),
                ("provider_overloaded", 503),
                ("overloaded_error", 529),
                ("timeout timeout_error", 504),
                ("context_length_exceeded max_tokens_exceeded token_limit_exceeded string_too_long invalid_request invalid_request_error invalid_prompt invalid_image image_too_large image_too_small unsupported_image_format image_download_failed ZodError", 400),
                ("something_new", 200),
            })
            {
                foreach (var word in words.Split(' '))
                {
                    data.Add(word, status);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void StatusInside_WordInTheCodeOrTheType_IsTheStatusItStandsFor(string word, int status)
    {
        Assert.Equal((HttpStatusCode)status, Inside($$$"""{"error":{"code":"{{{word}}}","message":"m"}}"""));
        Assert.Equal((HttpStatusCode)status, Inside($$$$"""{"error":{"message":"m","metadata":{"error_type":"{{{{word}}}}"}}}"""));
    }

    [Theory]
    [InlineData(399, 200)]
    [InlineData(400, 400)]
    [InlineData(599, 599)]
    [InlineData(600, 200)]
    [InlineData(-402, 200)]
    public void StatusInside_Code_IsAStatusOnlyWhereItIsOneOfAFailure(int code, int status) =>
        Assert.Equal((HttpStatusCode)status, Inside($$$"""{"error":{"code":{{{code}}},"message":"m"}}"""));

    [Fact]
    public void StatusInside_TypeBesideACode_SaysMore()
    {
        Assert.Equal(HttpStatusCode.TooManyRequests, Inside("""{"error":{"code":"server_error","message":"m","metadata":{"error_type":"rate_limit_exceeded"}}}"""));
        Assert.Equal(HttpStatusCode.InternalServerError, Inside("""{"error":{"code":"server_error","message":"m","metadata":{"error_type":"something_new"}}}"""));
        Assert.Null(Inside("""{"choices":[]}"""));
    }

    [Theory]
    [InlineData("1000000000000", "2001-09-09T01:46:40Z")]
    [InlineData("99999999999", null)]
    [InlineData("300000000000", "+")]
    [InlineData("999999999999", "+")]
    [InlineData("1776902400", "2026-04-23T00:00:00Z")]
    [InlineData("1776902400000", "2026-04-23T00:00:00Z")]
    [InlineData("1000000000", "2001-09-09T01:46:40Z")]
    [InlineData("999999999", "+")]
    [InlineData("60", "2026-04-22T10:31:00Z")]
    [InlineData("0", "2026-04-22T10:30:00Z")]
    [InlineData("-1", "+")]
    [InlineData("100000000000001", "+")]
    [InlineData("soon", "+")]
    public void Classify_ResetOfAFreeDay_IsReadByItsSizeAndElseMidnight(string reset, string? expected)
    {
        var verdict = FailureClassifier.Classify(429, new FailureHeaders(null, null, null, reset), Body("Rate limit exceeded: free-models-per-day"), Now)!;

        Assert.Equal(BillingCause.FreeRequestsPerDay, verdict.Cause);
        Assert.Equal(expected == "+" ? new DateTimeOffset(2026, 4, 23, 0, 0, 0, TimeSpan.Zero) : Time(expected), verdict.OpensAt);
    }

    [Theory]
    [InlineData("2027-04-23T10:30:00Z", "2027-04-23T10:30:00Z")]
    [InlineData("2027-04-23T10:30:01Z", null)]
    [InlineData("2026-04-23T02:00:00+02:00", "2026-04-23T00:00:00Z")]
    [InlineData("2026-04-23T00:00:00", "2026-04-23T00:00:00Z")]
    public void Classify_KeySpentUntilAnInstant_OpensThenUnlessNobodyMeansIt(string resetsAt, string? expected)
    {
        var body = Encoding.UTF8.GetBytes($$$$"""{"error":{"code":403,"message":"Key limit exceeded (weekly limit).","metadata":{"resets_at":"{{{{resetsAt}}}}"}}}""");

        Assert.Equal(Time(expected), FailureClassifier.Classify(403, default, body, Now)!.OpensAt);
    }

    [Theory]
    [InlineData(408, false)]
    [InlineData(500, true)]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, false)]
    [InlineData(524, false)]
    [InlineData(529, true)]
    public void Classify_ServerFailure_IsRetryableUnlessItMayHaveBeenServed(int status, bool isRetryable)
    {
        var verdict = FailureClassifier.Classify(status, default, default, Now)!;

        Assert.Equal((BillingCause.ProviderOverloaded, isRetryable), (verdict.Cause, verdict.IsRetryable));
    }

    [Theory]
    [InlineData(199, true)]
    [InlineData(200, false)]
    [InlineData(299, false)]
    [InlineData(300, true)]
    public void Classify_BodyWithoutAnError_IsAFailureByItsStatusAlone(int status, bool isFailure) =>
        Assert.Equal(isFailure, FailureClassifier.Classify(status, default, "{}"u8, Now) is not null);

    [Theory]
    [InlineData("upstream_provider_shared_pool", BillingCause.ProviderRateLimit)]
    [InlineData("openrouter_shared_capacity", BillingCause.ProviderRateLimit)]
    [InlineData("openrouter_free_tier_minute", BillingCause.FreeRequestsPerMinute)]
    [InlineData("openrouter_free_tier_daily", BillingCause.FreeRequestsPerDay)]
    [InlineData("openrouter_workspace_budget", BillingCause.WorkspaceBudget)]
    [InlineData("openrouter_guardrail_budget", BillingCause.GuardrailBudget)]
    [InlineData("openrouter_key_limit", BillingCause.KeyLimit)]
    [InlineData("openrouter_credits", BillingCause.AccountCredits)]
    [InlineData("openrouter_in_flight_budget", BillingCause.InFlightBudget)]
    public void Classify_Source_NamesTheCauseWhateverTheStatus(string source, BillingCause cause)
    {
        var body = Encoding.UTF8.GetBytes($$$$"""{"error":{"message":"m","metadata":{"limit_source":"{{{{source}}}}"}}}""");

        foreach (var status in new[] { 402, 403, 429 })
        {
            var verdict = FailureClassifier.Classify(status, default, body, Now)!;
            Assert.Equal((cause, source), (verdict.Cause, verdict.LimitSource));
        }
    }

    [Fact]
    public void Classify_FreeDayWithItsCounters_SaysHowManyThereWere()
    {
        var verdict = FailureClassifier.Classify(429, new FailureHeaders(null, "50", "3", null), Body("Rate limit exceeded: free-models-per-day"), Now)!;

        Assert.Equal((LimitUnit.Requests, 50m, 47m, 0m, 1m), (verdict.Limit!.Unit, verdict.Limit.Capacity, verdict.Limit.Used, verdict.Limit.Held, verdict.Limit.Required));
        Assert.False(verdict.Limit.HasRoom);
        Assert.Equal(Now, verdict.Limit.Since);
        Assert.Same(verdict.Limit, Assert.Single(verdict.Limits));
    }

    private static HttpStatusCode? Inside(string body) => FailureClassifier.StatusInside(Encoding.UTF8.GetBytes(body));

    private static byte[] Body(string message) => Encoding.UTF8.GetBytes($$$"""{"error":{"message":"{{{message}}}"}}""");

    private static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
