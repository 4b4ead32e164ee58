using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>The answer to a query, which may be a part of the whole.</summary>
/// <remarks>Read from <c>data</c> of <c>POST /analytics/query</c>.</remarks>
public sealed record AnalyticsResult
{
    /// <summary>Gets the rows in the server's order.</summary>
    /// <value>All there are only if <see cref="IsComplete"/>. <see cref="Total"/> adds them up and looks at that first.</value>
    /// <remarks>Read from <c>data</c>.</remarks>
    public required IReadOnlyList<AnalyticsRow> Rows { get; init; }

    /// <summary>Gets the metrics that were asked for.</summary>
    public required IReadOnlyList<string> Metrics { get; init; }

    /// <summary>Gets those of <see cref="Metrics"/> that are averages or ratios as far as known, which cannot be added up.</summary>
    /// <value>From the meta that the query was checked against; without one, those whose name ends with <c>_rate</c>.</value>
    public IReadOnlyList<string> Rates { get; init; } = [];

    /// <summary>Gets whether a limit on rows was reached, so that rows are missing.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>metadata.truncated</c>.</remarks>
    public bool? IsTruncated { get; init; }

    /// <summary>Gets how many rows the server counted.</summary>
    /// <value>Rows; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>metadata.row_count</c>.</remarks>
    public long? RowCount { get; init; }

    /// <summary>Gets how long the server worked on the query.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>metadata.query_time_ms</c>.</remarks>
    public TimeSpan? QueryTime { get; init; }

    /// <summary>Gets what the server remarks, such as filters on keys that it does not know.</summary>
    /// <value>Empty when there is nothing to remark. The sentences may hold identifiers.</value>
    /// <remarks>Read from <c>warnings</c>.</remarks>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Gets since when the server has had the answer ready.</summary>
    /// <value>A number without unit, for OpenRouter documents none; <see langword="null"/> for an answer that is fresh.</value>
    /// <remarks>Read from <c>cachedAt</c>.</remarks>
    public decimal? CachedAt { get; init; }

    /// <summary>Gets whether the server said that no rows are missing, and none are.</summary>
    public bool IsComplete => IsTruncated == false && !(RowCount > Rows.Count);

    /// <summary>Adds a metric up over all rows.</summary>
    /// <param name="metric">One of <see cref="Metrics"/>.</param>
    /// <returns>The sum, in the unit of the metric; rows without a value add nothing.</returns>
    /// <exception cref="PartialResultException">Rows are missing, or may be: see <see cref="IsComplete"/>.</exception>
    /// <exception cref="ArgumentException">The metric was not asked for.</exception>
    /// <exception cref="InvalidOperationException">The metric is a rate, or a row holds what is no number.</exception>
    public decimal Total(string metric)
    {
        var total = PartialTotal(metric);
        return IsComplete ? total : throw new PartialResultException(string.Create(
            CultureInfo.InvariantCulture,
            $"The answer has {Rows.Count} rows and {(IsTruncated == false ? "the server counted more" : IsTruncated == true ? "was cut at its limit" : "the server did not say whether these are all")}, so the total of '{metric}' would be too low. Raise Limit or narrow the query, or take {nameof(PartialTotal)}."));
    }

    /// <summary>Adds a metric up over the rows that there are, knowing that some may be missing.</summary>
    /// <param name="metric">One of <see cref="Metrics"/>.</param>
    /// <returns>The sum, in the unit of the metric; rows without a value add nothing.</returns>
    /// <exception cref="ArgumentException">The metric was not asked for.</exception>
    /// <exception cref="InvalidOperationException">The metric is a rate, or a row holds what is no number.</exception>
    public decimal PartialTotal(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (!Metrics.Contains(metric, StringComparer.Ordinal))
        {
            throw new ArgumentException($"The query did not ask for this metric, but for {string.Join(", ", Metrics)}.", nameof(metric));
        }

        return Rates.Contains(metric, StringComparer.Ordinal)
            ? throw new InvalidOperationException($"'{metric}' is a rate: the sum of averages or ratios means nothing. Ask without dimensions and granularity for its value over all.")
            : Rows.Sum(row => row.Number(metric) ?? 0);
    }
}
