namespace OpenRouter.Billing.Guard;

/// <summary>What the app wants refused for what it is, whatever the account has left.</summary>
internal sealed class RequestPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var (request, options) = (context.Request, context.Options);
        if (request.IsUnreadable && options.WhenUnreadable == UnreadableBehavior.Refuse)
        {
            context.Refuse(BillingCause.UnreadableRequest, null);
        }
        else if (options.RefusePaidAddOns && request is { UsesFreeModelsOnly: true, IsPaid: true })
        {
            context.Refuse(BillingCause.PaidAddOn, null);
        }
    }
}
