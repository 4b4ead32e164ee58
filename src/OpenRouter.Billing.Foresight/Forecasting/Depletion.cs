namespace OpenRouter.Billing.Foresight;

/// <summary>When money is gone if spending goes on as it did.</summary>
/// <remarks>The range is meant to hold the truth in nine of ten cases at least.</remarks>
public sealed record Depletion
{
    /// <summary>Gets when it is gone as expected.</summary>
    /// <value>UTC; <see langword="null"/> when not before the money starts again, or not within a year.</value>
    public DateTimeOffset? Expected { get; init; }

    /// <summary>Gets when it is gone if as much is spent as may be.</summary>
    /// <value>UTC; <see langword="null"/> when not before the money starts again, or not within a year.</value>
    public DateTimeOffset? Earliest { get; init; }

    /// <summary>Gets when it is gone if as little is spent as may be.</summary>
    /// <value>UTC; <see langword="null"/> when not before the money starts again, or not within a year.</value>
    public DateTimeOffset? Latest { get; init; }
}
