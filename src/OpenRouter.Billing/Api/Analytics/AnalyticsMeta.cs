namespace OpenRouter.Billing;

/// <summary>What analytics queries may name at present.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /analytics/meta</c>.</remarks>
public sealed record AnalyticsMeta
{
    /// <summary>Gets the figures.</summary>
    /// <remarks>Read from <c>metrics</c>.</remarks>
    public required IReadOnlyList<AnalyticsMetric> Metrics { get; init; }

    /// <summary>Gets what figures can be grouped and filtered by.</summary>
    /// <remarks>Read from <c>dimensions</c>.</remarks>
    public required IReadOnlyList<AnalyticsDimension> Dimensions { get; init; }

    /// <summary>Gets how filters may compare.</summary>
    /// <remarks>Read from <c>operators</c>.</remarks>
    public required IReadOnlyList<AnalyticsOperatorRule> Operators { get; init; }

    /// <summary>Gets the steps that time may be divided into.</summary>
    /// <remarks>Read from <c>granularities</c>.</remarks>
    public required IReadOnlyList<AnalyticsTimeStep> Granularities { get; init; }
}
