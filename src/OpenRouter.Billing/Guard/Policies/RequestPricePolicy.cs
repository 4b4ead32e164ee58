namespace OpenRouter.Billing.Guard;

/// <summary>One request alone must not cost more than the app wants to pay for one.</summary>
internal sealed class RequestPricePolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        if (context.Options.MaxRequestCost is { } most && context.Cost > 0)
        {
            context.Bound(LimitClaim.InUsDollars("request/cost", BillingCause.RequestCost, context.Cost, most, context.Now) with { IsWholeKnown = true });
        }
    }
}
