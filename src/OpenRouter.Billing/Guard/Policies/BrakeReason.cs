namespace OpenRouter.Billing.Guard;

/// <summary>What the runaway brake found.</summary>
public enum BrakeReason
{
    /// <summary>The same request came more often than <see cref="RunawayBrakeOptions.MaxRepeats"/>.</summary>
    Repeats,

    /// <summary>More was spent than <see cref="RunawayBrakeOptions.MaxCost"/>.</summary>
    Cost,
}
