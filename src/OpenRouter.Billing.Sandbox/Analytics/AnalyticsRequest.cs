using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Sandbox;

/// <summary>The body of <c>POST /analytics/query</c>; what the real service would refuse is refused with 400.</summary>
internal sealed class AnalyticsRequest
{
    private const int MostDimensions = 2;
    private const int MostFilters = 20;
    private const int DefaultLimit = 1000;
    private const int RecentDays = 30;
    private const int DetailDays = 31;

    private AnalyticsRequest(RequestBody body, DateTimeOffset now)
    {
        Metrics = [.. body.Texts("metrics").Select(name => AnalyticsNames.Metrics.FirstOrDefault(metric => metric.Name == name) ?? throw RequestBody.Bad())];
        Dimensions = body.Node("dimensions") is JsonArray { Count: 0 } || !body.Has("dimensions") ? [] : body.Texts("dimensions", MostDimensions);
        Granularity = body.Text("granularity");
        (Start, End) = RangeOf(body.Object("time_range"), now);
        Filters = FiltersOf(body.Node("filters"));
        OrderBy = OrderOf(body.Object("order_by"));
        Limit = CountOf(body, "limit") ?? DefaultLimit;
        GroupLimit = Dimensions.Count == 0 ? null : CountOf(body, "group_limit");
        bool isKnown = Dimensions.All(IsDimension)
            && (Granularity is null || AnalyticsNames.Granularities.Any(step => step.Name == Granularity))
            // No classifier is active in any workspace.
            && !body.Has("classifier_dimensions") && !body.Has("classifier_filters")
            && !(Dimensions.Contains(AnalyticsNames.GenerationId) && End - Start > TimeSpan.FromDays(DetailDays));
        if (!isKnown)
        {
            throw RequestBody.Bad();
        }
    }

    public IReadOnlyList<AnalyticsFigure> Metrics { get; }

    public IReadOnlyList<string> Dimensions { get; }

    public string? Granularity { get; }

    public DateTimeOffset Start { get; }

    public DateTimeOffset End { get; }

    public IReadOnlyList<(string Field, string Operator, IReadOnlyList<string> Values, bool IncludesUnset)> Filters { get; }

    public (string Field, bool IsDescending)? OrderBy { get; }

    public int Limit { get; }

    public int? GroupLimit { get; }

    public static AnalyticsRequest Read(RequestBody body, DateTimeOffset now) => new(body, now);

    private static bool IsDimension(string name) => AnalyticsNames.Dimensions.Any(dimension => dimension.Name == name);

    private static int? CountOf(RequestBody body, string name) => body.Number(name) switch
    {
        null => null,
        >= 1 and <= int.MaxValue and var count when count == decimal.Truncate(count) => (int)count,
        _ => throw RequestBody.Bad(),
    };

    private static (DateTimeOffset Start, DateTimeOffset End) RangeOf(RequestBody? range, DateTimeOffset now)
    {
        if (range is null)
        {
            return (now.AddDays(-RecentDays), now.AddTicks(1));
        }

        return range.Instant("start") is { } start && range.Instant("end") is { } end && start < end ? (start, end) : throw RequestBody.Bad();
    }

    private (string Field, bool IsDescending)? OrderOf(RequestBody? order)
    {
        if (order is null)
        {
            return null;
        }

        string field = order.Required("field", int.MaxValue);
        bool isKnown = field is "date" or AnalyticsNames.RequestCount || Metrics.Any(metric => metric.Name == field) || Dimensions.Contains(field);
        return isKnown && order.Text("direction") is "asc" or "desc" ? (field, order.Text("direction") == "desc") : throw RequestBody.Bad();
    }

    private static (string, string, IReadOnlyList<string>, bool)[] FiltersOf(JsonNode? node) => node switch
    {
        null => [],
        JsonArray { Count: <= MostFilters } filters => [.. filters.Select(FilterOf)],
        _ => throw RequestBody.Bad(),
    };

    private static (string Field, string Operator, IReadOnlyList<string> Values, bool IncludesUnset) FilterOf(JsonNode? node)
    {
        RequestBody filter = RequestBody.Read(node);
        string field = filter.Required("field", int.MaxValue);
        string word = filter.Required("operator", int.MaxValue);
        (string Name, bool TakesList) known = AnalyticsNames.Operators.FirstOrDefault(each => each.Name == word);
        JsonNode? value = filter.Node("value");
        bool isFit = IsDimension(field) && known.Name is not null && value is not null && (value is JsonArray) == known.TakesList;
        return isFit ? (field, word, [.. (value as JsonArray ?? [value]).Select(TextOf)], filter.Truth("include_unset") ?? false) : throw RequestBody.Bad();
    }

    private static string TextOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => RequestBody.TextOf(value),
        JsonValueKind.Number => value.ToJsonString(),
        _ => throw RequestBody.Bad(),
    };
}
