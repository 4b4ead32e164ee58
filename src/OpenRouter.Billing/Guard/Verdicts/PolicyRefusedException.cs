namespace OpenRouter.Billing.Guard;

/// <summary>A policy of the app's own refused the request, or a limit that it claimed has no room.</summary>
public sealed class PolicyRefusedException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Remedy"/> is the policy's own word when it refused outright.</param>
    public PolicyRefusedException(BillingVerdict verdict)
        : base(RefusalText.Build($"A billing policy of the app{RefusalText.Named(verdict)} refused the request", verdict), verdict)
    {
    }
}
