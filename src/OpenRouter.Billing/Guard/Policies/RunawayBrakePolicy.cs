namespace OpenRouter.Billing.Guard;

/// <summary>What runs away is braked, and stays braked for a while.</summary>
internal sealed class RunawayBrakePolicy(RunawayBrake brake) : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        if (context.Options.Brake.Action != BrakeAction.None && context.Identify(context.Options.Brake.Per) is { } spender)
        {
            brake.Apply(context, spender);
        }
    }
}
