namespace OpenRouter.Billing.Foresight;

/// <summary>What an app is asked to buy.</summary>
public sealed record ReloadRequest
{
    /// <summary>Gets what tells this reload from all others.</summary>
    /// <value>It is asked for once and never again, so that it does as an idempotency key.</value>
    public required string Id { get; init; }

    /// <summary>Gets how much to buy.</summary>
    /// <value>US dollars of credits.</value>
    public required decimal Amount { get; init; }

    /// <summary>Gets why.</summary>
    public required ReloadAdvice Advice { get; init; }
}
