namespace OpenRouter.Billing.Guard;

/// <summary>What to do with a request when a limit that must be known cannot be read.</summary>
public enum UnavailableBehavior
{
    /// <summary>Refuse with <see cref="BillingCheckUnavailableException"/>: no request goes out unchecked.</summary>
    Refuse,

    /// <summary>Let it go out; the limits that are known still hold.</summary>
    Allow,
}
