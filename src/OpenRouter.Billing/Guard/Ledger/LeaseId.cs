namespace OpenRouter.Billing.Guard;

/// <summary>The identity of a lease, unique over all processes that share a ledger.</summary>
/// <param name="Value">The identity.</param>
public readonly record struct LeaseId(Guid Value);
