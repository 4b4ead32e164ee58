namespace OpenRouter.Billing.Guard;

/// <summary>OpenRouter does not take the request's key: it is unknown, disabled, expired, a management key, or may not do what the request asks.</summary>
public sealed class KeyNotAcceptedException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; <see cref="BillingCause.Authentication"/> or <see cref="BillingCause.Permission"/>.</param>
    public KeyNotAcceptedException(BillingVerdict verdict)
        : base(RefusalText.Build(Describe(verdict), verdict), verdict)
    {
    }

    private static string Describe(BillingVerdict? verdict) => verdict switch
    {
        { Cause: BillingCause.Permission, Origin: BillingVerdictOrigin.Predicted } => "The request's key is a management key, which cannot call models",
        { Cause: BillingCause.Permission } => "The request's key may not do this",
        { Fault: null, Origin: BillingVerdictOrigin.Predicted } => "The request carries no key that OpenRouter could accept",
        _ => "OpenRouter does not accept the request's key",
    };
}
