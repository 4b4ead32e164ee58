using System.Globalization;
using System.Net;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>The one place where an answer becomes a verdict, whatever shape its failure has.</summary>
/// <remarks>
/// Read in this order: status, <c>limit_source</c>, <c>reason</c>, the sentence without its links, marker members. The outer
/// error decides; what earlier attempts said is not read. Pure, bounded in time and memory, and it never throws. Texts of
/// the server and of the prompt are matched and never kept.
/// </remarks>
internal static class FailureClassifier
{
    /// <summary>Classifies an answer; null when it is neither a refusal nor a failure.</summary>
    public static BillingVerdict? Classify(int status, FailureHeaders headers, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var error = ErrorBody.Read(body);
        var failure = new Failure(status, headers, error);
        if (failure.IsSuccess && !error.IsError)
        {
            return null;
        }

        var cause = failure.IsSuccess && error.IsMidAnswer ? BillingCause.MidStream : CauseOf(failure);
        var retryAfter = failure.RetryAfter(now);
        var limit = ReadLimit(cause, failure, now);
        var tokens = cause is BillingCause.AccountCredits or BillingCause.KeyLimit ? failure.Text.Tokens() : null;
        return new BillingVerdict
        {
            Cause = cause,
            CheckedAt = now,
            Origin = BillingVerdictOrigin.Answered,
            Remedy = Remedies.For(cause, tokens?.Affordable, tokens?.IsPrompt == true),
            LimitSource = ServerText.Word(error.LimitSource),
            RequestedTokens = tokens?.Requested,
            AffordableTokens = tokens?.Affordable,
            AffordableOutputTokens = tokens?.IsPrompt == false ? tokens.Value.Affordable : null,
            IsPromptTooDear = tokens?.IsPrompt == true,
            IsAboutSize = tokens is not null || error.Reason == "weight_exceeds_budget",
            RetryAfter = retryAfter,
            OpensAt = Openings.Read(cause, failure, retryAfter, now),
            IsRetryable = IsRetryable(cause, failure, retryAfter),
            Limit = limit,
            Limits = limit is null ? [] : [limit],
        };
    }

    /// <summary>The status that a failure inside of a successful answer stands for: 200 when it names none, null when there is no failure.</summary>
    public static HttpStatusCode? StatusInside(ReadOnlySpan<byte> body)
    {
        var error = ErrorBody.Read(body);
        return !error.IsError ? null : new Failure((int)HttpStatusCode.OK, default, error).Status is > 0 and var status ? (HttpStatusCode)status : HttpStatusCode.OK;
    }

    private static BillingCause CauseOf(Failure failure) => failure.Status switch
    {
        400 or 412 or 413 or 422 => IsModeration(failure) ? BillingCause.Moderation : BillingCause.Validation,
        // With a provider's name it is the provider that refused its own key.
        401 => failure.Error.ProviderName is null ? BillingCause.Authentication : BillingCause.Unknown,
        // The source only says whose balance is too small for the kind.
        402 => failure.Text.SaysMinimumBalance ? BillingCause.MinimumBalance : NamedCause(failure) ?? SpentCause(failure) ?? TooDearCause(failure),
        403 => NamedCause(failure) ?? SpentCause(failure) ?? ForbiddenCause(failure),
        429 => NamedCause(failure) ?? QuotaCause(failure),
        408 or >= 500 => BillingCause.ProviderOverloaded,
        0 => NamedCause(failure) ?? BillingCause.Unknown,
        _ => BillingCause.Unknown,
    };

    private static BillingCause? NamedCause(Failure failure) => failure.Error.LimitSource switch
    {
        "openrouter_in_flight_budget" => BillingCause.InFlightBudget,
        "openrouter_credits" => failure.Text.Says("never purchased credits") ? BillingCause.NeverFunded : BillingCause.AccountCredits,
        "openrouter_key_limit" => BillingCause.KeyLimit,
        "openrouter_guardrail_budget" => IsMembers(failure) ? BillingCause.MemberBudget : BillingCause.GuardrailBudget,
        "openrouter_workspace_budget" => BillingCause.WorkspaceBudget,
        "openrouter_free_tier_daily" => BillingCause.FreeRequestsPerDay,
        "openrouter_free_tier_minute" => BillingCause.FreeRequestsPerMinute,
        "upstream_provider_shared_pool" or "openrouter_shared_capacity" => BillingCause.ProviderRateLimit,
        _ => failure.Error.Reason switch
        {
            "in_flight_budget_exhausted" => BillingCause.InFlightBudget,
            "weight_exceeds_budget" => BillingCause.AccountCredits,
            _ => null,
        },
    };

    private static BillingCause? SpentCause(Failure failure) =>
        failure.Text.Says("key limit exceeded") ? BillingCause.KeyLimit
        : failure.Text.Says("budget limit exceeded") ? IsMembers(failure) ? BillingCause.MemberBudget : BillingCause.GuardrailBudget
        : failure.Text.SaysWorkspaceBudget ? BillingCause.WorkspaceBudget
        : null;

    private static BillingCause TooDearCause(Failure failure)
    {
        var text = failure.Text;
        if (text.Says("current in-flight requests"))
        {
            return BillingCause.InFlightBudget;
        }

        if (text.Says("never purchased credits"))
        {
            return BillingCause.NeverFunded;
        }

        return !text.Says("insufficient credits") && !text.Says("requires more credits") && text.Tokens() is null ? BillingCause.Unknown
            : text.LinksToKeys || text.Says("adjust the key's") || text.Says("create a key with a higher") ? BillingCause.KeyLimit
            : BillingCause.AccountCredits;
    }

    private static BillingCause ForbiddenCause(Failure failure) =>
        failure.Error.HasPatterns || failure.Text.Says("request blocked:") ? BillingCause.PromptInjection
        : IsModeration(failure) ? BillingCause.Moderation
        : SaysNotAllowed(failure.Text) ? BillingCause.Permission
        : BillingCause.Unknown;

    private static bool SaysNotAllowed(FailureText text) =>
        text.Says("management key") || text.Says("not available in your region") || text.Says("missing_attestation_types");

    private static BillingCause QuotaCause(Failure failure) =>
        failure.Text.Says("free-models-per-day") ? BillingCause.FreeRequestsPerDay
        : failure.Text.Says("free-models-per-min") ? BillingCause.FreeRequestsPerMinute
        : BillingCause.ProviderRateLimit;

    private static bool IsMembers(Failure failure) =>
        (failure.Error.Scope is { } scope && BudgetScopes.IsMembers(new BudgetScope(scope))) || failure.Text.Says("org member");

    private static bool IsModeration(Failure failure) =>
        failure.Error.HasModeration
        || failure.Error.ErrorType is "content_policy_violation" or "refusal"
        || failure.Error.Code is "content_policy_violation" or "image_content_policy_violation" or "refusal"
        || failure.Text.Says("requires moderation on");

    private static bool IsRetryable(BillingCause cause, Failure failure, TimeSpan? retryAfter) => cause switch
    {
        BillingCause.InFlightBudget or BillingCause.FreeRequestsPerMinute or BillingCause.ProviderRateLimit => true,
        // A timeout says nothing about what became of the request, which may still be billed.
        BillingCause.ProviderOverloaded => failure.Status is not (408 or 504 or 524),
        BillingCause.Unknown => (failure.Status == 402 && retryAfter is not null) || (failure.Status == 404 && failure.Text.SaysGenerationNotFound),
        _ => false,
    };

    private static LimitReading? ReadLimit(BillingCause cause, Failure failure, DateTimeOffset now)
    {
        switch (cause)
        {
            case BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute when Number(failure.Limit) is { } limit:
                return Reading(cause, LimitUnit.Requests, limit, limit - (Number(failure.Remaining) ?? 0), 1, now);
            case BillingCause.KeyLimit or BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget:
                // What was asked for is not told; a limit that is spent refuses even what costs nothing.
                var spent = Number(failure.Error.SpentDollars) is { } used && Number(failure.Error.LimitDollars) is { } whole ? (used, whole) : failure.Text.Spent();
                return spent is var (sum, capacity) ? Reading(cause, LimitUnit.UsDollars, capacity, sum, NanoDollars.One, now) : null;
            default:
                return null;
        }
    }

    private static LimitReading Reading(BillingCause cause, LimitUnit unit, decimal capacity, decimal used, decimal required, DateTimeOffset now) =>
        new() { Cause = cause, Unit = unit, Capacity = capacity, Used = used, Held = 0, Required = required, HasRoom = false, Since = now };

    // Kept within what sums of such numbers can hold.
    private static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > -1_000_000_000_000m and < 1_000_000_000_000m ? value : null;
}
