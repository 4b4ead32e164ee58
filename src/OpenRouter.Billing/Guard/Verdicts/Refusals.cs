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
        BillingCause.UnreadableRequest => new RequestUnreadableException(verdict),
        BillingCause.PaidAddOn => new PaidAddOnException(verdict),
        _ => new BillingCheckUnavailableException(verdict),
    };

    /// <summary>A refusal for a cause that is no limit.</summary>
    public static BillingVerdict WithoutLimit(BillingCause cause, BillableRequest request, DateTimeOffset now, Exception? fault) => new()
    {
        Cause = cause,
        CheckedAt = now,
        Model = request.Model,
        Remedy = RemedyFor(cause),
        IsRetryable = cause == BillingCause.Unavailable,
        Fault = fault,
    };

    public static string RemedyFor(BillingCause cause) => cause switch
    {
        BillingCause.AccountCredits => "Add credits, or wait until running requests have settled.",
        BillingCause.KeyLimit => "Raise the key's cap, wait for its reset, or use another key.",
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => "Ask the organization's administrator to raise the budget, or wait for its reset.",
        BillingCause.FreeRequestsPerDay => "Wait for 00:00 UTC, or use a paid model.",
        BillingCause.FreeRequestsPerMinute => "Wait, and send free requests more slowly.",
        BillingCause.Authentication => "Check that the key is complete, enabled and not expired.",
        BillingCause.Permission => "Send the request with an inference key and keep the management key for billing calls.",
        BillingCause.UnreadableRequest => "Send plain JSON below Guard.MaxRequestBytes, or set Guard.WhenUnreadable to Allow.",
        BillingCause.PaidAddOn => "Leave it out, use a paid model, or set Guard.RefusePaidAddOns to false.",
        _ => "Try again shortly, or set Guard.WhenUnavailable to Allow to send unchecked.",
    };
}
