namespace OpenRouter.Billing.Guard;

/// <summary>How the guard finds out what a paid request may cost.</summary>
public enum PricingMode
{
    /// <summary>From the prices that OpenRouter lists for the model; where they say nothing, as <see cref="Flat"/>.</summary>
    Catalogue,

    /// <summary>Every paid request claims <see cref="BillingGuardOptions.PaidRequestClaim"/>; no prices are read.</summary>
    Flat,
}
