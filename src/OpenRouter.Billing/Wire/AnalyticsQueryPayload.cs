using System.Globalization;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Wire;

/// <summary>What <c>POST /analytics/query</c> is sent.</summary>
internal sealed record AnalyticsQueryPayload(IReadOnlyList<string> Metrics)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Dimensions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Granularity { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Span? TimeRange { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Condition>? Filters { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Order? OrderBy { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Limit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? GroupLimit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Tags? ClassifierDimensions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TagFilters? ClassifierFilters { get; init; }

    public static AnalyticsQueryPayload From(AnalyticsQuery query) => new(query.Metrics)
    {
        Dimensions = query.Dimensions.Count == 0 ? null : query.Dimensions,
        Granularity = query.Granularity?.Value,
        TimeRange = query.Range is { } range ? new Span(Utc(range.Start), Utc(range.End)) : null,
        Filters = Conditions(query.Filters),
        OrderBy = query.OrderBy is { } order ? new Order(order.Field, order.IsDescending ? "desc" : "asc") : null,
        Limit = query.Limit,
        GroupLimit = query.GroupLimit,
        ClassifierDimensions = query.Classifier is { GroupBy: { } names } tags
            ? new Tags(tags.Id) { DimensionNames = names.Count == 0 ? null : names, IncludeNulls = tags.IncludesUntagged }
            : null,
        ClassifierFilters = query.Classifier is { } classifier && Conditions(classifier.Filters) is { } filters ? new TagFilters(classifier.Id, filters) : null,
    };

    private static Condition[]? Conditions(IReadOnlyList<AnalyticsFilter> filters) =>
        filters.Count == 0 ? null : [.. filters.Select(filter => new Condition(filter.Field, filter.Operator.Value, new Comparand(filter.Values, filter.Operator.TakesList ?? filter.Values.Count > 1)) { IncludeUnset = filter.IncludesUnset })];

    // With seconds: minutes alone are rejected.
    private static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    internal sealed record Span(string Start, string End);

    internal sealed record Order(string Field, string Direction);

    internal sealed record Condition(string Field, string Operator, Comparand Value)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? IncludeUnset { get; init; }
    }

    /// <summary>One value, or a list of them.</summary>
    [JsonConverter(typeof(ComparandConverter))]
    internal sealed record Comparand(IReadOnlyList<AnalyticsValue> Values, bool IsList);

    internal sealed record Tags(Guid ClassifierId)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<string>? DimensionNames { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public bool? IncludeNulls { get; init; }
    }

    internal sealed record TagFilters(Guid ClassifierId, IReadOnlyList<Condition> Filters);
}
