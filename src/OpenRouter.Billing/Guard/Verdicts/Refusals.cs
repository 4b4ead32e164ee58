using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>The one place where a verdict becomes an exception.</summary>
internal static class Refusals
{
    public static BillingGuardException ToException(BillingVerdict verdict) => verdict.Cause switch
    {
        BillingCause.AccountCredits => new InsufficientCreditsException(verdict),
        BillingCause.KeyLimit => new KeyLimitExceededException(verdict),
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => new BudgetExceededException(verdict),
        BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute => new FreeModelQuotaExceededException(verdict),
        BillingCause.Authentication or BillingCause.Permission => new KeyNotAcceptedException(verdict),
        _ => new BillingCheckUnavailableException(verdict),
    };

    /// <summary>A refusal for a cause that is no limit.</summary>
    public static BillingVerdict WithoutLimit(BillingCause cause, BillableRequest request, DateTimeOffset now, Exception? fault)
    {
        // A management key that OpenRouter does not take is no passing fault: every balance stays unknown until it is replaced.
        var isWrongKey = cause == BillingCause.Unavailable && fault is OpenRouterApiException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden };
        return new BillingVerdict
        {
            Cause = cause,
            CheckedAt = now,
            Model = request.Model,
            Remedy = isWrongKey
                ? $"OpenRouter does not accept {nameof(OpenRouterBillingOptions)}.{nameof(OpenRouterBillingOptions.ManagementKey)}: set a management key of this account, or none."
                : RemedyFor(cause),
            IsRetryable = cause == BillingCause.Unavailable && !isWrongKey,
            Fault = fault,
        };
    }

    /// <summary>What would let a request pass that a limit refused.</summary>
    public static string RemedyFor(LimitReading limit)
    {
        if (limit.Unit != LimitUnit.Requests && limit.Required > limit.Capacity && limit.Capacity > 0)
        {
            return "No reset makes room for it: raise the limit, or let the request claim less (Guard.PaidRequestClaim).";
        }

        return limit is { Cause: BillingCause.AccountCredits, Held: > 0 }
            ? "Add credits, or wait until running requests have settled."
            : RemedyFor(limit.Cause);
    }

    private static string RemedyFor(BillingCause cause) => cause switch
    {
        BillingCause.AccountCredits => "Add credits.",
        BillingCause.KeyLimit => "Raise the key's cap, wait for its reset, or use another key.",
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => "Ask the organization's administrator to raise the budget, or wait for its reset.",
        BillingCause.FreeRequestsPerDay => "Wait for 00:00 UTC, or use a paid model.",
        BillingCause.FreeRequestsPerMinute => "Wait, and send free requests more slowly.",
        BillingCause.Authentication => "Send 'Authorization: Bearer' with a key that is complete, enabled and not expired.",
        BillingCause.Permission => "Send the request with an inference key and keep the management key for billing calls.",
        _ => "Try again shortly, or set Guard.WhenUnavailable to Allow to send unchecked.",
    };
}
