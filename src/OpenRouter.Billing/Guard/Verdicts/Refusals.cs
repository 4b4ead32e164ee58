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
                : RemedyFor(cause),
            IsRetryable = cause == BillingCause.Unavailable && !isWrongKey,
            Fault = fault,
        };
    }

    /// <summary>What would let a request pass that a limit refused.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="affordableOutputTokens">The largest output cap that passes; null when unknown.</param>
    /// <param name="credits">The account's credits; null when unknown.</param>
    public static string RemedyFor(LimitReading limit, long? affordableOutputTokens, CreditBalance? credits = null)
    {
        if (affordableOutputTokens > 0)
        {
            return $"Lower the output cap to at most {RefusalText.Count(affordableOutputTokens)} tokens, or {Lower(RemedyFor(limit, null, credits))}";
        }

        if (limit.IsTooSmallForEver && limit.Cause != BillingCause.RequestCost)
        {
            return "No reset makes room for it: raise the limit, or ask for less.";
        }

        // Who never bought and spends all the same may well pay afterwards; OpenRouter has no field that says so.
        if (limit.Cause is BillingCause.AccountCredits or BillingCause.NeverFunded && credits is { TotalCredits: 0, TotalUsage: > 0 })
        {
            return "Add credits, or set Guard.PaysByInvoice if this account pays by invoice.";
        }

        return limit is { Cause: BillingCause.AccountCredits, Held: > 0 }
            ? "Add credits, or wait until running requests have settled."
            : RemedyFor(limit.Cause);
    }

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];

    /// <summary>What helps against a refusal that may be about the size of the request.</summary>
    public static string RemedyFor(BillingCause cause, long? affordableTokens, bool isPrompt)
    {
        if (affordableTokens is not { } tokens)
        {
            return cause == BillingCause.Permission ? "Use a key, a model or a region that is allowed to do this." : RemedyFor(cause);
        }

        var smaller = isPrompt ? $"Shorten the prompt to at most {RefusalText.Count(tokens)} tokens" : $"Lower the output cap to at most {RefusalText.Count(tokens)} tokens";
        return $"{smaller}, or {(cause == BillingCause.KeyLimit ? "raise the key's cap" : "add credits")}.";
    }

    public static string RemedyFor(BillingCause cause) => cause switch
    {
        BillingCause.AccountCredits => "Add credits.",
        BillingCause.NeverFunded => "Buy credits, or check that the key is on the right account or organization.",
        BillingCause.MinimumBalance => "Add credits or raise the key's cap, or leave out the files, audio, images or video.",
        BillingCause.InFlightBudget => "Wait until running requests have settled, and send fewer at once or with a lower output cap.",
        BillingCause.KeyLimit => "Raise the key's cap, wait for its reset, or use another key.",
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => "Ask the organization's administrator to raise the budget, or wait for its reset.",
        BillingCause.FreeRequestsPerDay => "Wait for 00:00 UTC, or use a paid model.",
        BillingCause.FreeRequestsPerMinute => "Wait, and send free requests more slowly.",
        BillingCause.Authentication => "Send 'Authorization: Bearer' with a key that is complete, enabled and not expired.",
        BillingCause.Permission => "Send the request with an inference key and keep the management key for billing calls.",
        BillingCause.ProviderRateLimit => "Wait, or allow another provider or model.",
        BillingCause.ProviderOverloaded => "Try again later, or allow another provider or model.",
        BillingCause.PromptInjection or BillingCause.Moderation => "Change the input, or use another model.",
        BillingCause.MidStream => "Ask again if the part that came is no use.",
        BillingCause.Validation => "Correct the request.",
        BillingCause.Unknown => "Read the answer: this version does not know its cause.",
        BillingCause.UnreadableRequest => "Send plain JSON below Guard.MaxRequestBytes, or set Guard.WhenUnreadable to Allow.",
        BillingCause.PaidAddOn => "Leave it out, use a paid model, or set Guard.RefusePaidAddOns to false.",
        BillingCause.RequestCost => "Ask for less, use a cheaper model, or raise Guard.MaxRequestCost.",
        BillingCause.AppBudget => "Wait for the budget's reset, or raise its limit in Guard.Budgets.",
        BillingCause.RunawayLimit => "Look for a loop that sends without end; if there is none, raise the limit in Guard.RunawayLimits.",
        BillingCause.RunawayBrake => "Look for a loop that sends without end; wait for the brake to come off, or take it off with RunawayBrake.Reset.",
        BillingCause.Policy => "Ask whoever wrote the app's billing policies.",
        _ => "Try again shortly, or set Guard.WhenUnavailable to Allow to send unchecked.",
    };
}
