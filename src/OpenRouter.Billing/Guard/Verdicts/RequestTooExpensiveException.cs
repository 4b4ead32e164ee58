namespace OpenRouter.Billing.Guard;

/// <summary>The request alone may cost more than <see cref="BillingGuardOptions.MaxRequestCost"/>.</summary>
public sealed class RequestTooExpensiveException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public RequestTooExpensiveException(BillingVerdict verdict)
        : base(RefusalText.Build($"The request may cost {RefusalText.Dollars(verdict?.Limit?.Required)}, and at most {RefusalText.Dollars(verdict?.Limit?.Capacity)} is paid for one", verdict!), verdict!)
    {
    }

    /// <summary>Gets what one request may cost at most.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? Limit => Verdict.Limit?.Capacity;

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? Required => Verdict.Limit?.Required;

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown.</value>
    public long? AffordableOutputTokens => Verdict.AffordableOutputTokens;
}
