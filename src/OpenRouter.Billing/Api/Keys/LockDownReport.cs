namespace OpenRouter.Billing;

/// <summary>What a lock-down achieved, key by key.</summary>
public sealed record LockDownReport
{
    /// <summary>Gets every key that was found or named.</summary>
    public required IReadOnlyList<LockDownEntry> Keys { get; init; }

    /// <summary>Gets why keys may be missing from <see cref="Keys"/>: workspaces or keys that could not be listed.</summary>
    /// <value>Empty when all lists were read, or when the keys were named.</value>
    public required IReadOnlyList<OpenRouterBillingException> ListFailures { get; init; }

    /// <summary>Gets whether every key is off and none may be missing.</summary>
    public bool IsComplete => ListFailures.Count == 0 && Keys.All(key => key.Outcome != LockDownOutcome.Failed);
}
