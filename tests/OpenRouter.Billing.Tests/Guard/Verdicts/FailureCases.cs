using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>One answer per row and per shape of OpenRouter's failures, in our own words and with our own numbers.</summary>
public static class FailureCases
{
    public static readonly DateTimeOffset Now = new(2026, 4, 22, 10, 30, 0, TimeSpan.Zero);

    private const string Midnight = "2026-04-23T00:00:00Z";
    private const string Monday = "2026-04-27T00:00:00Z";
    private const string NextMonth = "2026-05-01T00:00:00Z";

    public static IReadOnlyList<FailureCase> All { get; } =
    [
        // 402
        new("in flight, header", 402, Error(402, "This request would exceed your available credits given your current in-flight requests.", "\"reason\":\"in_flight_budget_exhausted\",\"limit_source\":\"openrouter_in_flight_budget\""), BillingCause.InFlightBudget)
        {
            IsRetryable = true, RetryAfter = 90, OpensAt = "2026-04-22T10:31:30Z", Headers = new() { ["retry-after"] = "90" },
        },
        new("in flight, header in the body, no wrapper", 402, """{"message":"Busy.","code":402,"metadata":{"limit_source":"openrouter_in_flight_budget","headers":{"retry-after":"120"}}}""", BillingCause.InFlightBudget)
        {
            IsRetryable = true, RetryAfter = 120, OpensAt = "2026-04-22T10:32:00Z",
        },
        new("in flight, around a text about size", 402, Error(402, "You requested up to 10 tokens, but can only afford 5.", "\"reason\":\"in_flight_budget_exhausted\""), BillingCause.InFlightBudget) { IsRetryable = true },
        new("in flight, by its words", 402, Error(402, "It would not fit given your current in-flight requests."), BillingCause.InFlightBudget) { IsRetryable = true },
        new("heavier than the in-flight budget", 402, """{"error":{"code":402,"metadata":{"reason":"weight_exceeds_budget","limit_source":"openrouter_credits"}}}""", BillingCause.AccountCredits),
        new("too dear for the account", 402, Error(402, "This request requires more credits, or fewer max_tokens. You requested up to 900 tokens, but can only afford 77. To increase, visit https://openrouter.ai/settings/credits"), BillingCause.AccountCredits) { Requested = 900, Affordable = 77 },
        new("too dear for the account, less than nothing left", 402, Error(402, "You requested up to 900 tokens, but can only afford -3."), BillingCause.AccountCredits) { Requested = 900, Affordable = 0 },
        new("too dear for the key, by its link", 402, Error(402, "This request requires more credits, or fewer max_tokens. You requested up to 900 tokens, but can only afford 77. To increase, visit https://openrouter.ai/workspaces/default/keys/abc"), BillingCause.KeyLimit) { Requested = 900, Affordable = 77 },
        new("too dear for the key, by its source", 402, Error(402, "You requested up to 900 tokens, but can only afford 77.", "\"limit_source\":\"openrouter_key_limit\""), BillingCause.KeyLimit) { Requested = 900, Affordable = 77 },
        new("prompt too dear", 402, Error(402, "Prompt tokens limit exceeded: 4000 > 300. To increase, visit https://openrouter.ai/settings/keys and create a key with a higher monthly limit"), BillingCause.KeyLimit) { Requested = 4000, Affordable = 300 },
        new("output too dear, old words", 402, Error(402, "max_tokens limit exceeded: 4000 > 300. Visit https://openrouter.ai/settings/credits"), BillingCause.AccountCredits) { Requested = 4000, Affordable = 300 },
        new("no credits", 402, Error(402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits"), BillingCause.AccountCredits),
        new("never funded", 402, Error(402, "Insufficient credits. This account never purchased credits."), BillingCause.NeverFunded),
        new("never funded, with a source", 402, Error(402, "Insufficient credits. This account never purchased credits.", "\"limit_source\":\"openrouter_credits\""), BillingCause.NeverFunded),
        new("minimum balance", 402, Error(402, "This request requires at least $0.50 in balance for files", "\"limit_source\":\"openrouter_key_limit\""), BillingCause.MinimumBalance),
        new("unknown payment refusal", 402, Error(402, "Something new.", "\"limit_source\":\"openrouter_something_new\""), BillingCause.Unknown),
        new("unknown payment refusal with a wait", 402, Error(402, "Something new."), BillingCause.Unknown)
        {
            IsRetryable = true, RetryAfter = 5, OpensAt = "2026-04-22T10:30:05Z", Headers = new() { ["Retry-After"] = "5" },
        },
        new("Messages skin, no credits", 402, """{"type":"error","error":{"type":"billing_error","message":"Insufficient credits. Add more."},"request_id":null}""", BillingCause.AccountCredits),
        new("Messages skin, metadata beside the error", 402, """{"type":"error","error":{"type":"billing_error","message":"No."},"metadata":{"limit_source":"openrouter_in_flight_budget","headers":{"Retry-After":"3"}}}""", BillingCause.InFlightBudget)
        {
            IsRetryable = true, RetryAfter = 3, OpensAt = "2026-04-22T10:30:03Z",
        },
        // 403
        new("key spent, day", 403, Error(403, "Key limit exceeded (daily limit). Manage it using https://openrouter.ai/workspaces/default/keys"), BillingCause.KeyLimit) { OpensAt = Midnight },
        new("key spent, week", 403, Error(403, "Key limit exceeded (weekly limit)."), BillingCause.KeyLimit) { OpensAt = Monday },
        new("key spent, month", 403, Error(403, "Key limit exceeded (monthly limit)."), BillingCause.KeyLimit) { OpensAt = NextMonth },
        new("key spent, for good", 403, Error(403, "Key limit exceeded (total limit). Contact your org admin."), BillingCause.KeyLimit),
        new("key spent, oldest words", 403, Error(403, "Key limit exceeded"), BillingCause.KeyLimit),
        new("key spent, instant in the text", 403, Error(403, "Key limit exceeded (weekly limit). $5.01 of $5.00 used; resets 2026-04-30T00:00:00.000Z."), BillingCause.KeyLimit) { OpensAt = "2026-04-30T00:00:00Z" },
        new("key spent, instant beside the text", 403, Error(403, "Key limit exceeded (weekly limit).", "\"limit_source\":\"openrouter_key_limit\",\"resets_at\":\"2026-04-29T00:00:00+00:00\""), BillingCause.KeyLimit) { OpensAt = "2026-04-29T00:00:00Z" },
        new("guardrail budget", 403, Error(403, "Budget limit exceeded (monthly limit). Contact your org admin."), BillingCause.GuardrailBudget) { OpensAt = NextMonth },
        new("guardrail budget of the key", 403, Error(403, "API key budget limit exceeded (daily limit)."), BillingCause.GuardrailBudget) { OpensAt = Midnight },
        new("member budget, by its words", 403, Error(403, "Org member budget limit exceeded (daily limit)."), BillingCause.MemberBudget) { OpensAt = Midnight },
        new("member budget, by its scope", 403, Error(403, "Budget limit exceeded.", "\"limit_source\":\"openrouter_guardrail_budget\",\"scope\":\"workspace_default_member\""), BillingCause.MemberBudget),
        new("workspace budget", 403, Error(403, "Workspace weekly budget of $500.00 exceeded. Contact your org admin."), BillingCause.WorkspaceBudget) { OpensAt = Monday },
        new("workspace budget, for good", 403, Error(403, "Workspace lifetime budget of $500.00 exceeded.", "\"limit_source\":\"openrouter_workspace_budget\",\"resets_at\":null"), BillingCause.WorkspaceBudget),
        new("wrong kind of key", 403, Error(403, "Only management keys can perform this operation"), BillingCause.Permission),
        new("region", 403, Error(403, "This model is not available in your region."), BillingCause.Permission),
        new("prompt injection", 403, Error(403, "Blocked.", "\"patterns\":[\"x\"]"), BillingCause.PromptInjection),
        new("moderation", 403, Error(403, "some/model requires moderation on Somebody. Your input was flagged for \"misc\".", "\"reasons\":[\"misc\"],\"flagged_input\":\"x\""), BillingCause.Moderation),
        new("content policy, by its type", 403, Error(403, "No.", "\"error_type\":\"refusal\""), BillingCause.Moderation),
        new("bare 403", 403, Error(403, "No."), BillingCause.Unknown),
        // 429
        new("free day, header", 429, Error(429, "Rate limit exceeded: free-models-per-day-high-balance. "), BillingCause.FreeRequestsPerDay) { OpensAt = Midnight, Headers = new() { ["x-ratelimit-reset"] = "1776902400000" } },
        new("free day, seconds", 429, Error(429, "Rate limit exceeded: free-models-per-day", "\"headers\":{\"x-RateLimit-reset\":1776902400}"), BillingCause.FreeRequestsPerDay) { OpensAt = Midnight },
        new("free day, nothing but words", 429, Error(429, "Rate limit exceeded: free-models-per-day"), BillingCause.FreeRequestsPerDay) { OpensAt = Midnight },
        new("free day, by its source", 429, Error(429, "No.", "\"limit_source\":\"openrouter_free_tier_daily\""), BillingCause.FreeRequestsPerDay) { OpensAt = Midnight },
        new("free day, code as text", 429, """{"error":{"message":"free-models-per-day","type":"rate_limit_error","code":"429"}}""", BillingCause.FreeRequestsPerDay) { OpensAt = Midnight },
        new("free minute", 429, Error(429, "Rate limit exceeded: free-models-per-min. ", "\"headers\":{\"X-RateLimit-Reset\":\"42\"}"), BillingCause.FreeRequestsPerMinute) { IsRetryable = true, OpensAt = "2026-04-22T10:30:42Z" },
        new("one model's capacity", 429, Error(429, "Rate limit exceeded: limit_rpm/some/model/1. High demand for some/model:free.", "\"headers\":{\"X-RateLimit-Reset\":\"1776853860000\"}"), BillingCause.ProviderRateLimit) { IsRetryable = true, OpensAt = "2026-04-22T10:31:00Z" },
        new("provider's pool", 429, Error(429, "Provider returned error", "\"limit_source\":\"upstream_provider_shared_pool\",\"retry_after_seconds\":1.5"), BillingCause.ProviderRateLimit) { IsRetryable = true, RetryAfter = 1.5, OpensAt = "2026-04-22T10:30:01.5Z" },
        new("429 whose link speaks of another limit", 429, Error(429, "Rate limit exceeded. See https://openrouter.ai/docs/limits#free-models-per-day"), BillingCause.ProviderRateLimit) { IsRetryable = true },
        new("429 with a date", 429, "<html>Too many</html>", BillingCause.ProviderRateLimit) { IsRetryable = true, RetryAfter = 30, OpensAt = "2026-04-22T10:30:30Z", Headers = new() { ["Retry-After"] = "Wed, 22 Apr 2026 10:30:30 GMT" } },
        // Others
        new("unknown key", 401, Error(401, "User not found."), BillingCause.Authentication),
        new("401 without a body", 401, "", BillingCause.Authentication),
        new("provider refuses its own key", 401, Error(401, "Provider returned error", "\"provider_name\":\"Somebody\""), BillingCause.Unknown),
        new("Zod", 400, """{"success":false,"error":{"name":"ZodError","message":"[]"}}""", BillingCause.Validation),
        new("error as a word", 400, """{"error":"invalid_grant","error_description":"No."}""", BillingCause.Validation),
        new("too large", 413, Error(413, "Request payload too large"), BillingCause.Validation),
        new("no endpoint", 404, Error(404, "No endpoints found for some/model."), BillingCause.Unknown),
        new("generation not written yet", 404, Error(404, "Generation gen-1 not found"), BillingCause.Unknown) { IsRetryable = true },
        new("timeout of the API", 408, "", BillingCause.ProviderOverloaded),
        new("timeout of the provider", 504, "", BillingCause.ProviderOverloaded),
        new("timeout of the edge", 524, "<html></html>", BillingCause.ProviderOverloaded),
        new("masked 500", 500, Error(500, "Internal Server Error", "\"error_type\":\"server\""), BillingCause.ProviderOverloaded) { IsRetryable = true },
        new("overloaded", 503, Error(503, "Busy"), BillingCause.ProviderOverloaded) { IsRetryable = true, RetryAfter = 7, OpensAt = "2026-04-22T10:30:07Z", Headers = new() { ["RETRY-AFTER"] = "7" } },
        new("overloaded, Messages skin", 529, """{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}""", BillingCause.ProviderOverloaded) { IsRetryable = true },
        // 200
        new("200, white space and an error only", 200, "\n         \n\n         \n" + Error(502, "Upstream error"), BillingCause.ProviderOverloaded) { IsRetryable = true },
        new("200, choices null", 200, """{"choices":null,"error":{"message":"Provider returned error","code":524}}""", BillingCause.ProviderOverloaded),
        new("200, a refusal in the body", 200, Error(402, "Insufficient credits. Add more."), BillingCause.AccountCredits),
        new("200, a source only", 200, """{"error":{"message":"No.","code":"new_word","metadata":{"limit_source":"openrouter_key_limit"}}}""", BillingCause.KeyLimit),
        new("200, failed response", 200, """{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"x"},"error_type":"authentication"}""", BillingCause.Authentication),
        new("200, failed response without an error", 200, """{"id":"resp_1","status":"failed","error":null,"error_type":"timeout"}""", BillingCause.ProviderOverloaded),
        new("200, error in a choice", 200, """{"choices":[{"message":{"content":"par"},"finish_reason":"error","error":{"code":502,"message":"Gone"}}]}""", BillingCause.MidStream),
        new("200, error beside choices", 200, """{"choices":[{"delta":{"content":""}}],"error":{"code":429,"message":"Rate limit exceeded"}}""", BillingCause.MidStream),
        new("200, finish reason without an error", 200, """{"choices":[{"message":{"content":"par"},"finish_reason":"error","native_finish_reason":"MALFORMED_FUNCTION_CALL"}]}""", BillingCause.MidStream),
        new("stream, error event", 200, ": OPENROUTER PROCESSING\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"error\":{\"code\":502,\"message\":\"x\"},\"choices\":[]}\n\ndata: [DONE]\n\n", BillingCause.MidStream),
        new("stream, Messages skin", 200, "event: error\r\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"x\"}}\r\n\r\n", BillingCause.MidStream),
        new("stream, failed response", 200, "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"x\"}}}\n\n", BillingCause.MidStream),
        new("stream, flat error event", 200, "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"x\",\"param\":null,\"sequence_number\":3}\n\n", BillingCause.MidStream),
        new("outer error over earlier ones", 402, Error(402, "You requested up to 9 tokens, but can only afford 1.", "\"previous_errors\":[{\"code\":402,\"message\":\"You requested up to 9 tokens, but can only afford 8.\"}]"), BillingCause.AccountCredits) { Requested = 9, Affordable = 1 },
    ];

    private static string Error(int code, string message, string metadata = "") =>
        $$$"""{"error":{"code":{{{code}}},"message":"{{{message.Replace("\"", "\\\"", StringComparison.Ordinal)}}}","metadata":{{{{metadata}}}}},"user_id":"user_1"}""";
}
