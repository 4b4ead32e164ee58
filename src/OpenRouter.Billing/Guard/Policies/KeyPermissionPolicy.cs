namespace OpenRouter.Billing.Guard;

/// <summary>The key must be one that OpenRouter takes for inference.</summary>
internal sealed class KeyPermissionPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var reading = context.Snapshot.Key;
        if (reading.State == ReadingState.Unavailable)
        {
            context.CannotKnow(reading.Fault);
        }
        else if (reading.State == ReadingState.NotPermitted || reading.Value!.ExpiresAt <= context.Now)
        {
            context.Refuse(BillingCause.Authentication, reading.Fault);
        }
        else if (reading.Value.IsManagementKey == true)
        {
            context.Refuse(BillingCause.Permission, null);
        }
    }
}
