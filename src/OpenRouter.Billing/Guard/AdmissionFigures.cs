namespace OpenRouter.Billing.Guard;

/// <summary>What one decision is made by.</summary>
/// <param name="Snapshot">What is known of the account and the key.</param>
/// <param name="Prices">The prices; null when none are needed, or none are known.</param>
/// <param name="Now">The moment of the decision.</param>
internal readonly record struct AdmissionFigures(AccountSnapshot Snapshot, PriceList? Prices, Instant Now);
