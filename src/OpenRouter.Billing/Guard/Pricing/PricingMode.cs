namespace OpenRouter.Billing.Guard;

/// <summary>How the guard finds out what a paid request may cost.</summary>
public enum PricingMode
{
    /// <summary>From the prices that OpenRouter lists for the model, which are its top provider's; where they say nothing, as <see cref="Flat"/>.</summary>
    Catalogue,

    /// <summary>Every paid request claims <see cref="BillingGuardOptions.PaidRequestClaim"/>; no prices are read.</summary>
    Flat,

    /// <summary>
    /// As <see cref="Catalogue"/>, and from the prices of every endpoint that offers the model: the dearest one counts, tiers
    /// included, and whatever a request says about providers. One more question per model, when a request first names it.
    /// </summary>
    DearestEndpoint,
}
