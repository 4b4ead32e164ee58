namespace OpenRouter.Billing.Guard;

/// <summary>What a look at a shared value showed.</summary>
/// <param name="IsDown">Whether it could not be looked at.</param>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Took">How long the look took: by so much the value may be older than it says.</param>
internal readonly record struct SharedLook(bool IsDown, SharedValue? Value, TimeSpan Took);
