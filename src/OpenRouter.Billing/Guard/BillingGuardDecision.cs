namespace OpenRouter.Billing.Guard;

/// <summary>What the guard says to a request.</summary>
public sealed record BillingGuardDecision
{
    /// <summary>Gets whether the request may go out.</summary>
    public bool IsAllowed => Refusal is null;

    /// <summary>Gets why not.</summary>
    /// <value><see langword="null"/> when the request may go out.</value>
    public BillingVerdict? Refusal { get; init; }

    /// <summary>Gets every limit that was looked at, with its numbers.</summary>
    /// <value>Empty when no limit binds the request, or when it was refused before any was looked at.</value>
    public IReadOnlyList<LimitReading> Limits { get; init; } = [];

    /// <summary>Gets the output cap with which the request may go out, instead of its own that is too high.</summary>
    /// <value>Tokens; <see langword="null"/> when the request may go out, or may not, as it is.</value>
    public long? OutputCap { get; init; }

    /// <summary>Gets what the request may cost by the listed prices.</summary>
    /// <value><see langword="null"/> for a free request, and when the prices or the prompt's size are unknown.</value>
    public CostEstimate? Estimate { get; init; }
}
