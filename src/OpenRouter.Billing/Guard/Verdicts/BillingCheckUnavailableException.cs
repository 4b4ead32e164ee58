namespace OpenRouter.Billing.Guard;

/// <summary>A limit that must be known could not be read, and the guard is set to refuse then. The inner exception says why.</summary>
public sealed class BillingCheckUnavailableException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Fault"/> becomes the inner exception.</param>
    public BillingCheckUnavailableException(BillingVerdict verdict)
        : base(RefusalText.Build("The account's limits cannot be read just now", verdict), verdict)
    {
    }
}
