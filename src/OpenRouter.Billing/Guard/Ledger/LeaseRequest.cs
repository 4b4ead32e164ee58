namespace OpenRouter.Billing.Guard;

/// <summary>What a request asks of a ledger that keeps sums of spending.</summary>
public readonly record struct LeaseRequest
{
    /// <summary>Gets the claims: all are taken, or none.</summary>
    /// <value>May be empty: then the lease only says whose spending its settlement is.</value>
    public required IReadOnlyList<LimitClaim> Claims { get; init; }

    /// <summary>Gets after which time an unsettled lease counts as spent in full.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets whose spending it is.</summary>
    public SpendLabels Labels { get; init; }

    /// <summary>Gets what counts as spent when the lease is never settled.</summary>
    /// <value>Nano-dollars; 0 for a free request.</value>
    public long ClaimedCost { get; init; }
}
