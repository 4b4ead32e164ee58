namespace OpenRouter.Billing;

/// <summary>One key of a lock-down.</summary>
/// <param name="Hash">The key's hash.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record LockDownEntry(string Hash, LockDownOutcome Outcome)
{
    /// <summary>Gets the key's name.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    public string? Name { get; init; }

    /// <summary>Gets why the key may still work.</summary>
    /// <value><see langword="null"/> unless <see cref="Outcome"/> is <see cref="LockDownOutcome.Failed"/>.</value>
    public OpenRouterBillingException? Failure { get; init; }
}
