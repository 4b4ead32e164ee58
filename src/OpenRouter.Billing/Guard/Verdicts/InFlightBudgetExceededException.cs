namespace OpenRouter.Billing.Guard;

/// <summary>Running requests hold the part of the balance that OpenRouter lets be in flight at once. Waiting helps.</summary>
/// <remarks>
/// It has a type of its own, although OpenRouter answers 402: code that stops an app for want of credits, or asks somebody to
/// top up, catches <see cref="InsufficientCreditsException"/>, and must not do so while the balance is well.
/// </remarks>
public sealed class InFlightBudgetExceededException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public InFlightBudgetExceededException(BillingVerdict verdict)
        : base(RefusalText.Build("Running requests hold all of the balance that may be in flight at once", verdict), verdict)
    {
    }

    /// <summary>Gets how long to wait, from <see cref="BillingGuardException.CheckedAt"/> on.</summary>
    /// <value><see langword="null"/> when OpenRouter did not say and the guard set no time of its own; never negative.</value>
    public TimeSpan? RetryAfter => Verdict.RetryAfter ?? (OpensAt - CheckedAt);
}
