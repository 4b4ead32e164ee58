namespace OpenRouter.Billing.Guard;

/// <summary>The request's body could not be read, so nobody knows what it may cost, and the guard is set to refuse then.</summary>
public sealed class RequestUnreadableException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public RequestUnreadableException(BillingVerdict verdict)
        : base(RefusalText.Build("The request's body cannot be read: it is too large, compressed, in parts, or no JSON", verdict), verdict)
    {
    }
}
