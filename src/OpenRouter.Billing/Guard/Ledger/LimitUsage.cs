namespace OpenRouter.Billing.Guard;

/// <summary>How much of a limit was in use when a ledger looked.</summary>
/// <param name="Settled">Used since the claim's instant: nano-dollars or requests.</param>
/// <param name="Leased">Held by requests that are not settled yet, whenever they began: nano-dollars or requests.</param>
/// <param name="Oldest">When the oldest settled use was, of that which counts; <see langword="null"/> when none does.</param>
public readonly record struct LimitUsage(long Settled, long Leased, DateTimeOffset? Oldest);
