namespace OpenRouter.Billing.Guard;

/// <summary>The account's balance cannot cover the request, or is negative, which blocks free models too.</summary>
public sealed class InsufficientCreditsException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Limit"/> is the balance.</param>
    public InsufficientCreditsException(BillingVerdict verdict)
        : base(RefusalText.Build(RefusalText.NotCovered("The balance", verdict), verdict), verdict)
    {
    }

    /// <summary>Gets what of the balance is left for this request, after the minimum balance and what other requests hold.</summary>
    /// <value>US dollars; negative when overdrawn; <see langword="null"/> when unknown.</value>
    public decimal? Remaining => Verdict.Limit?.Remaining;

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? Required => Verdict.Limit?.Required;

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown.</value>
    public long? AffordableOutputTokens => Verdict.AffordableOutputTokens;

    /// <summary>Gets by how much the balance falls short.</summary>
    /// <value>US dollars, positive; <see langword="null"/> when unknown.</value>
    public decimal? Shortfall => Required - Remaining;
}
