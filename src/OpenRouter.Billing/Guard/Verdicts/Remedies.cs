namespace OpenRouter.Billing.Guard;

/// <summary>What would let a refused request pass, in a sentence.</summary>
internal static class Remedies
{
    /// <summary>What would let a request pass that a limit refused.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="affordableOutputTokens">The largest output cap that passes; null when unknown.</param>
    /// <param name="credits">The account's credits; null when unknown.</param>
    public static string For(LimitReading limit, long? affordableOutputTokens, CreditBalance? credits = null)
    {
        if (affordableOutputTokens > 0)
        {
            return $"Lower the output cap to at most {RefusalText.Count(affordableOutputTokens)} tokens, or {Lower(For(limit, null, credits))}";
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
            : For(limit.Cause);
    }

    /// <summary>What would let a request pass that OpenRouter refused, maybe for its size.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="affordableTokens">How many tokens the answer says are affordable; null when it does not say.</param>
    /// <param name="isPrompt">Whether these are tokens of the prompt, and not of the output.</param>
    public static string For(BillingCause cause, long? affordableTokens, bool isPrompt)
    {
        if (affordableTokens is not { } tokens)
        {
            return cause == BillingCause.Permission ? "Use a key, a model or a region that is allowed to do this." : For(cause);
        }

        var smaller = isPrompt ? $"Shorten the prompt to at most {RefusalText.Count(tokens)} tokens" : $"Lower the output cap to at most {RefusalText.Count(tokens)} tokens";
        return $"{smaller}, or {(cause == BillingCause.KeyLimit ? "raise the key's cap" : "add credits")}.";
    }

    /// <summary>What would let a request pass, as far as the cause alone tells.</summary>
    public static string For(BillingCause cause) => cause switch
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

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
