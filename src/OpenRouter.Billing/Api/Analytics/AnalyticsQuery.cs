namespace OpenRouter.Billing;

/// <summary>A question to analytics.</summary>
/// <remarks>
/// <code>
/// var query = new AnalyticsQuery
/// {
///     Metrics = [AnalyticsMetric.TotalUsage],
///     Dimensions = [AnalyticsDimension.Model],
///     Range = new(start, end),
/// };
/// </code>
/// </remarks>
public sealed record AnalyticsQuery
{
    /// <summary>Gets the figures to ask for, at least one.</summary>
    /// <remarks>Sent as <c>metrics</c>.</remarks>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Gets what to group by, at most two.</summary>
    /// <value>Empty by default: one row, or one for each step of time.</value>
    /// <remarks>Sent as <c>dimensions</c>.</remarks>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>Gets the conditions that all must hold, at most 20.</summary>
    /// <value>Empty by default.</value>
    /// <remarks>Sent as <c>filters</c>.</remarks>
    public IReadOnlyList<AnalyticsFilter> Filters { get; init; } = [];

    /// <summary>Gets the range of time.</summary>
    /// <value><see langword="null"/> leaves it to the server, which takes a recent one that it does not tell.</value>
    /// <remarks>Sent as <c>time_range</c>.</remarks>
    public AnalyticsTimeRange? Range { get; init; }

    /// <summary>Gets the steps that time is divided into.</summary>
    /// <value><see langword="null"/> (the default) for the range as a whole.</value>
    /// <remarks>Sent as <c>granularity</c>.</remarks>
    public AnalyticsGranularity? Granularity { get; init; }

    /// <summary>Gets the order of the rows.</summary>
    /// <value><see langword="null"/> leaves it to the server.</value>
    /// <remarks>Sent as <c>order_by</c>.</remarks>
    public AnalyticsOrder? OrderBy { get; init; }

    /// <summary>Gets how many rows to answer with at most.</summary>
    /// <value>Rows, 1 or more; <see langword="null"/> for 1,000, which the server may raise when time is divided.</value>
    /// <remarks>Sent as <c>limit</c>. Rows beyond it are missing from every sum: see <see cref="AnalyticsResult.IsComplete"/>.</remarks>
    public int? Limit { get; init; }

    /// <summary>Gets how many rows to answer with for each combination of dimensions.</summary>
    /// <value>Rows, 1 or more; <see langword="null"/> leaves it to the server, which takes as many as there are steps of time.</value>
    /// <remarks>Sent as <c>group_limit</c>.</remarks>
    public int? GroupLimit { get; init; }

    /// <summary>Gets a classifier to group or filter by.</summary>
    /// <value><see langword="null"/> (the default) for none.</value>
    /// <remarks>Sent as <c>classifier_dimensions</c> and <c>classifier_filters</c>.</remarks>
    public AnalyticsClassifier? Classifier { get; init; }

    /// <summary>Checks whether the query can be asked, as <see cref="IAnalyticsClient.QueryAsync"/> does before it sends it.</summary>
    /// <param name="meta">
    /// Which metrics, dimensions, operators and steps of time there are; <see langword="null"/> to check only the bounds that
    /// hold for every account.
    /// </param>
    /// <exception cref="AnalyticsQueryException">It cannot; the message names the value and what is allowed.</exception>
    public void Validate(AnalyticsMeta? meta = null) => new AnalyticsQueryCheck(this, meta).Run();
}
