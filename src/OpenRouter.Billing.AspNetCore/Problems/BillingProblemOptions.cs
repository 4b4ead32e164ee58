namespace OpenRouter.Billing.AspNetCore;

/// <summary>What problem details tell of a refusal.</summary>
public sealed class BillingProblemOptions
{
    /// <summary>Gets or sets whether they tell the amounts: what was needed, what was left, and the whole of the limit.</summary>
    /// <value><see langword="false"/> by default, because the amounts are the account's and not those of whoever asks.</value>
    public bool IncludeAmounts { get; set; }
}
