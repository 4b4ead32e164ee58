namespace OpenRouter.Billing.Wire;

/// <summary>The body of <c>GET /analytics/meta</c>.</summary>
internal sealed record AnalyticsMetaPayload(AnalyticsMetaPayload.Lists? Data) : IWirePayload
{
    public string? FindMissing() => Data is null ? "data"
        : FindMissing(Data.Metrics, "metrics") ?? FindMissing(Data.Dimensions, "dimensions") ?? FindMissing(Data.Operators, "operators") ?? FindMissing(Data.Granularities, "granularities");

    public AnalyticsMeta ToAnalyticsMeta() => new()
    {
        Metrics = [.. Data!.Metrics!.Select(entry => new AnalyticsMetric { Name = entry!.Name!, Label = entry.DisplayLabel, Format = entry.DisplayFormat, IsRate = entry.IsRate })],
        Dimensions = [.. Data.Dimensions!.Select(entry => new AnalyticsDimension { Name = entry!.Name!, Label = entry.DisplayLabel })],
        Operators = [.. Data.Operators!.Select(entry => new AnalyticsOperatorRule(new AnalyticsOperator(entry!.Name!), entry.ValueType))],
        Granularities = [.. Data.Granularities!.Select(entry => new AnalyticsTimeStep(new AnalyticsGranularity(entry!.Name!), entry.DisplayLabel))],
    };

    private static string? FindMissing(IReadOnlyList<Entry?>? list, string name) =>
        list is null ? "data." + name
        : list.Any(entry => string.IsNullOrEmpty(entry?.Name)) ? $"data.{name}[].name"
        : null;

    internal sealed record Lists(IReadOnlyList<Entry?>? Metrics, IReadOnlyList<Entry?>? Dimensions, IReadOnlyList<Entry?>? Operators, IReadOnlyList<Entry?>? Granularities);

    internal sealed record Entry
    {
        public string? Name { get; init; }

        public string? DisplayLabel { get; init; }

        public string? DisplayFormat { get; init; }

        public bool? IsRate { get; init; }

        public string? ValueType { get; init; }
    }
}
