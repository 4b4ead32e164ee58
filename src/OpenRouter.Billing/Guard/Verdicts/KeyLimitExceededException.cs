namespace OpenRouter.Billing.Guard;

/// <summary>The key's own cap is spent, or too small for the request. Other keys of the account may still work.</summary>
public sealed class KeyLimitExceededException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Limit"/> is the key's cap.</param>
    public KeyLimitExceededException(BillingVerdict verdict)
        : base(RefusalText.Build(RefusalText.NotCovered(RefusalText.Whole("The key's cap", verdict), verdict), verdict), verdict)
    {
    }

    /// <summary>Gets what of the cap is left for this request, after what other requests hold.</summary>
    /// <value>US dollars; negative when overdrawn; <see langword="null"/> when unknown.</value>
    public decimal? Remaining => Verdict.Limit?.Remaining;

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? Required => Verdict.Limit?.Required;

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown.</value>
    public long? AffordableOutputTokens => Verdict.AffordableOutputTokens;

    /// <summary>Gets when the cap starts again.</summary>
    /// <value>UTC; <see langword="null"/> when it never does, or when unknown.</value>
    public DateTimeOffset? ResetsAt => Verdict.Limit?.ResetsAt ?? Verdict.OpensAt;
}
