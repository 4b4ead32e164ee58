using System.Net;

namespace OpenRouter.Billing.Guard;

/// <summary>The one place where a verdict becomes an exception.</summary>
internal static class Refusals
{
    /// <summary>Whether a failed answer is about money or the key, so that it is thrown as a local refusal is.</summary>
    public static bool IsBilling(BillingCause cause) => cause is
        BillingCause.AccountCredits or BillingCause.NeverFunded or BillingCause.MinimumBalance or BillingCause.InFlightBudget
        or BillingCause.KeyLimit or BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget
        or BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute
        or BillingCause.Authentication or BillingCause.Permission;

    public static BillingGuardException ToException(BillingVerdict verdict, HttpResponseMessage? response = null) => verdict.Cause switch
    {
        BillingCause.MinimumBalance when verdict.LimitSource == "openrouter_key_limit" => new KeyLimitExceededException(verdict) { Response = response },
        BillingCause.AccountCredits or BillingCause.NeverFunded or BillingCause.MinimumBalance => new InsufficientCreditsException(verdict) { Response = response },
        BillingCause.InFlightBudget => new InFlightBudgetExceededException(verdict) { Response = response },
        BillingCause.KeyLimit => new KeyLimitExceededException(verdict) { Response = response },
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget or BillingCause.AppBudget => new BudgetExceededException(verdict) { Response = response },
        BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute => new FreeModelQuotaExceededException(verdict) { Response = response },
        BillingCause.Authentication or BillingCause.Permission => new KeyNotAcceptedException(verdict) { Response = response },
        BillingCause.UnreadableRequest => new RequestUnreadableException(verdict),
        BillingCause.PaidAddOn => new PaidAddOnException(verdict),
        BillingCause.RequestCost => new RequestTooExpensiveException(verdict),
        BillingCause.RunawayLimit => new RunawayLimitExceededException(verdict),
        BillingCause.Policy => new PolicyRefusedException(verdict),
        BillingCause.RunawayBrake => new RunawayBrakeTrippedException(verdict),
        _ => new BillingCheckUnavailableException(verdict) { Response = response },
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
                : Remedies.For(cause),
            IsRetryable = cause == BillingCause.Unavailable && !isWrongKey,
            Fault = fault,
        };
    }
}
