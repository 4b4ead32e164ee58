using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>POST /analytics/query</c>.</summary>
internal sealed record AnalyticsResultPayload(AnalyticsResultPayload.Answer? Data) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data" : Data.Data is null ? "data.data" : null;

    public AnalyticsResult ToAnalyticsResult(AnalyticsQuery query, AnalyticsMeta? meta) => new()
    {
        Rows = WithKnownColumns(Data!.Data!, query),
        Metrics = [.. query.Metrics],
        Rates = [.. query.Metrics.Where(name => meta?.Metrics.FirstOrDefault(metric => metric.Name == name)?.IsRate ?? name.EndsWith("_rate", StringComparison.Ordinal))],
        IsTruncated = Data.Metadata?.Truncated,
        RowCount = Data.Metadata?.RowCount,
        QueryTime = Milliseconds.ToTime(Data.Metadata?.QueryTimeMs),
        Warnings = [.. Data.Warnings?.OfType<string>() ?? []],
        CachedAt = Data.CachedAt,
    };

    // A row may leave out a column that has no value in it.
    private static AnalyticsRow[] WithKnownColumns(IReadOnlyList<AnalyticsRow> rows, AnalyticsQuery query)
    {
        var known = rows.SelectMany(row => row.Columns).Concat(query.Metrics).Concat(query.Dimensions).ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            row.Known = known;
        }

        return [.. rows];
    }

    internal sealed record Answer
    {
        [JsonConverter(typeof(AnalyticsRowsConverter))]
        public IReadOnlyList<AnalyticsRow>? Data { get; init; }

        public Summary? Metadata { get; init; }

        [JsonConverter(typeof(OrNullConverter<IReadOnlyList<string?>>))]
        public IReadOnlyList<string?>? Warnings { get; init; }

        [JsonPropertyName("cachedAt")]
        public decimal? CachedAt { get; init; }
    }

    internal sealed record Summary(decimal? QueryTimeMs, long? RowCount, bool? Truncated);
}
