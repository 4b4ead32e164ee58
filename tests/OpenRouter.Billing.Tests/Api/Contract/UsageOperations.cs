using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenRouter.Billing.Tests.Api.Contract;

/// <summary>The operations on credits, the current key, activity and analytics.</summary>
internal static class UsageOperations
{
    private static readonly Guid Uuid = Guid.Parse(WriteOperations.Id);
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    public static IReadOnlyDictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]> All { get; } = new Dictionary<string, Func<IOpenRouterBillingClient, Task<object?>>[]>
    {
        ["GET /credits"] = [async client => await client.Credits.GetAsync()],
        ["GET /key"] = [async client => await client.Keys.GetCurrentAsync()],
        ["GET /activity"] =
        [
            async client => await client.Activity.ListAsync(),
            async client => await client.Activity.ListAsync(new ActivityQuery { Date = new DateOnly(2026, 10, 1), ApiKeyHash = WriteOperations.Hash, UserId = "user_1", WorkspaceId = Uuid, GroupByWorkspace = true }),
            async client => await client.Activity.ListByKeysAsync([WriteOperations.Hash]),
            async client => await client.Activity.ListByMembersAsync(["user_1"]),
        ],
        ["GET /analytics/meta"] = [async client => await client.Analytics.GetMetaAsync()],
        ["POST /analytics/query"] =
        [
            async client => Columns(await client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = [AnalyticsMetric.RequestCount] })),
            async client => await client.Analytics.QueryAsync(new AnalyticsQuery
            {
                Metrics = [AnalyticsMetric.RequestCount, AnalyticsMetric.TotalUsage],
                Dimensions = [AnalyticsDimension.Model, AnalyticsDimension.User],
                Granularity = AnalyticsGranularity.Week,
                Range = new(Start, Start.AddDays(7.5)),
                Filters = [AnalyticsFilter.EqualTo("model", "a/b"), AnalyticsFilter.AnyOf("app", 7, "8") with { IncludesUnset = true }, AnalyticsFilter.NoneOf("user", "user_1"), new("origin", AnalyticsOperator.AtMost, [0.5m])],
                OrderBy = new("date", IsDescending: true),
                Limit = 10,
                GroupLimit = 2,
                Classifier = new(Uuid) { GroupBy = ["team"], IncludesUntagged = false, Filters = [AnalyticsFilter.AnyOf("team", "a", "b"), AnalyticsFilter.EqualTo("work", "x")] },
            }),
            async client => await client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = [AnalyticsMetric.RequestCount], OrderBy = new("request_count"), Classifier = new(Uuid) { GroupBy = [] } }),
            async client => await client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = [AnalyticsMetric.RequestCount], Classifier = new(Uuid) { Filters = [AnalyticsFilter.NoneOf("team", "a")] } }),
        ],
    };

    /// <summary>Gives rows columns, of which the schema says nothing.</summary>
    public static void FillRows(JsonNode answer, Random random)
    {
        foreach (var row in answer["data"]!["data"]!.AsArray().Select(row => row!.AsObject()))
        {
            row["date__week"] = new DateOnly(2026, 1, 4).AddDays(7 * random.Next(50)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            row["model"] = random.Next(3) == 0 ? null : "vendor/model-" + random.Next();
            row["request_count"] = random.Next(2) == 0 ? JsonValue.Create(random.Next()) : JsonValue.Create(random.Next().ToString(CultureInfo.InvariantCulture));
            row["total_usage"] = JsonNode.Parse($"{random.Next()}e-9");
        }
    }

    // What the rows hold is looked for in their columns, and not in the JSON that they keep.
    private static JsonObject Columns(AnalyticsResult result)
    {
        var shown = JsonSerializer.SerializeToNode(result)!.AsObject();
        shown["Rows"] = new JsonArray([.. result.Rows.Select(row => new JsonArray([.. row.Columns.Select(column => ValueOf(row, column))]))]);
        return shown;
    }

    private static JsonValue? ValueOf(AnalyticsRow row, string column) =>
        row.Raw.GetProperty(column).ValueKind == JsonValueKind.Number ? JsonValue.Create(row.Number(column)) : JsonValue.Create(row.Text(column));
}
