namespace OpenRouter.Billing.Guard;

/// <summary>What to do with a request whose body cannot be read: too large, compressed, in parts, or no JSON.</summary>
public enum UnreadableBehavior
{
    /// <summary>Take it for a paid request that claims <see cref="BillingGuardOptions.PaidRequestClaim"/>.</summary>
    Allow,

    /// <summary>Refuse with <see cref="RequestUnreadableException"/>.</summary>
    Refuse,
}
