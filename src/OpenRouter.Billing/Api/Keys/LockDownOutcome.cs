namespace OpenRouter.Billing;

/// <summary>What became of one key in a lock-down.</summary>
public enum LockDownOutcome
{
    /// <summary>The key was switched off.</summary>
    Disabled,

    /// <summary>The key was off before.</summary>
    AlreadyDisabled,

    /// <summary>The key may still work; the entry says why.</summary>
    Failed,
}
