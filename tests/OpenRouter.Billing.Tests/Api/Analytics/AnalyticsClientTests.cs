using System.Net;
using System.Text.Json;

namespace OpenRouter.Billing.Tests.Api.Analytics;

public sealed class AnalyticsClientTests
{
    private static readonly AnalyticsQuery Query = new() { Metrics = [AnalyticsMetric.TotalUsage, AnalyticsMetric.RequestCount], Dimensions = [AnalyticsDimension.Model] };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task QueryAsync_WholeQuery_IsSentAsTheServerNamesIt()
    {
        var classifier = Guid.Parse("550e8400-e29b-41d4-a716-446655440000");
        var body = await SentAsync(new AnalyticsQuery
        {
            Metrics = ["request_count"],
            Dimensions = ["model", "user"],
            Granularity = AnalyticsGranularity.Day,
            Range = new(new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)), new DateTimeOffset(2026, 1, 8, 0, 0, 0, 500, TimeSpan.Zero)),
            Filters = [AnalyticsFilter.EqualTo("model", "a/b"), AnalyticsFilter.AnyOf("app", 7, "8") with { IncludesUnset = true }, new("tokens", AnalyticsOperator.AtLeast, [1.5m]), new("x", new("newer"), ["a", "b"])],
            OrderBy = new("request_count", IsDescending: true),
            Limit = 100,
            GroupLimit = 5,
            Classifier = new(classifier) { GroupBy = ["team"], IncludesUntagged = true, Filters = [AnalyticsFilter.NoneOf("team", "x")] },
        });
        Assert.Equal(
            """
            {"metrics":["request_count"],"dimensions":["model","user"],"granularity":"day","time_range":{"start":"2026-01-01T00:00:00Z","end":"2026-01-08T00:00:00.5Z"},
            "filters":[{"field":"model","operator":"eq","value":"a/b"},{"field":"app","operator":"in","value":[7,"8"],"include_unset":true},{"field":"tokens","operator":"gte","value":1.5},{"field":"x","operator":"newer","value":["a","b"]}],
            "order_by":{"field":"request_count","direction":"desc"},"limit":100,"group_limit":5,
            "classifier_dimensions":{"classifier_id":"550e8400-e29b-41d4-a716-446655440000","dimension_names":["team"],"include_nulls":true},
            "classifier_filters":{"classifier_id":"550e8400-e29b-41d4-a716-446655440000","filters":[{"field":"team","operator":"not_in","value":["x"]}]}}
            """.ReplaceLineEndings(string.Empty),
            body);
    }

    [Fact]
    public async Task QueryAsync_LeastQuery_SendsTheMetricsAlone() =>
        Assert.Equal("""{"metrics":["request_count"]}""", await SentAsync(new AnalyticsQuery { Metrics = ["request_count"] }));

    [Fact]
    public async Task QueryAsync_Rows_AreReadByTheirColumns()
    {
        var result = await ReadAsync(
            """[{"date__day":"2026-11-01T00:00:00.000Z","model":"A \"B\"","request_count":"6331","total_usage":7.3e-05},{"date__day":"2026-11-02","model":null,"request_count":12,"total_usage":null},{"request_count":"1"}]""",
            """{"query_time_ms":42.5,"row_count":3,"truncated":false}""",
            ""","warnings":["Could not resolve"],"cachedAt":1764000000000""");
        Assert.Equal([6331m, 12m, 1m], result.Rows.Select(row => row.Number("request_count")!.Value));
        Assert.Equal([0.000073m, null, null], result.Rows.Select(row => row.Number("total_usage")));
        Assert.Equal(["A \"B\"", null, null], result.Rows.Select(row => row.Text("model")));
        Assert.Equal([new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero), null], result.Rows.Select(row => row.Time));
        Assert.Equal("6331", result.Rows[0].Raw.GetProperty("request_count").GetString());
        Assert.Equal((false, 3L, TimeSpan.FromMilliseconds(42.5), 1764000000000m), (result.IsTruncated, result.RowCount, result.QueryTime, result.CachedAt));
        Assert.Equal(["Could not resolve"], result.Warnings);
        Assert.True(result.IsComplete);
        Assert.Equal((6344m, 0.000073m), (result.Total("request_count"), result.Total("total_usage")));
        Assert.Same(result.Rows[0].Columns[1], result.Rows[1].Columns[1]);
    }

    [Theory]
    [InlineData("""{"row_count":1,"truncated":true}""", true, "was cut at its limit")]
    [InlineData("""{"row_count":2,"truncated":false}""", false, "the server counted more")]
    [InlineData("""{"row_count":1}""", null, "did not say")]
    [InlineData("null", null, "did not say")]
    public async Task Total_OfAPart_ThrowsUnlessAskedForAPart(string metadata, bool? isTruncated, string words)
    {
        var result = await ReadAsync("""[{"request_count":"5","total_usage":0.5}]""", metadata);
        Assert.Equal(isTruncated, result.IsTruncated);
        Assert.False(result.IsComplete);
        Assert.Contains(words, Assert.Throws<PartialResultException>(() => result.Total("request_count")).Message, StringComparison.Ordinal);
        Assert.Equal(5m, result.PartialTotal("request_count"));
    }

    [Fact]
    public async Task Total_OfWhatCannotBeAddedUp_Throws()
    {
        var meta = new AnalyticsMeta { Metrics = [new() { Name = "speed", IsRate = true }, new() { Name = "odd_rate", IsRate = false }], Dimensions = [], Operators = [], Granularities = [] };
        var query = new AnalyticsQuery { Metrics = ["speed", "odd_rate"] };
        const string Body = """{"data":{"data":[{"speed":1,"odd_rate":2}],"metadata":{"truncated":false,"row_count":1}}}""";
        var result = await BillingClientKit.Over(Answering(Body)).Analytics.QueryAsync(query, meta, Cancelled);
        Assert.Contains("is a rate", Assert.Throws<InvalidOperationException>(() => result.Total("speed")).Message, StringComparison.Ordinal);
        Assert.Equal(2m, result.Total("odd_rate"));
        Assert.Contains("speed, odd_rate", Assert.Throws<ArgumentException>(() => result.Total("model")).Message, StringComparison.Ordinal);

        var alone = await BillingClientKit.Over(Answering(Body)).Analytics.QueryAsync(query, cancellationToken: Cancelled);
        Assert.Equal(1m, alone.Total("speed"));
        Assert.Throws<InvalidOperationException>(() => alone.PartialTotal("odd_rate"));
    }

    [Fact]
    public async Task Number_OfAColumnThatIsNone_SaysWhichThereAre()
    {
        var row = (await ReadAsync("""[{"request_count":"5","total_usage":"much","flag":true,"deep":{"a":[1]}}]""", "null")).Rows[0];
        Assert.Contains("request_count, total_usage", Assert.Throws<ArgumentException>(() => row.Number("requests")).Message, StringComparison.Ordinal);
        var exception = Assert.Throws<InvalidOperationException>(() => row.Number("total_usage"));
        Assert.DoesNotContain("much", exception.Message, StringComparison.Ordinal);
        Assert.Null(row.Text("model"));
        Assert.Equal(("true", """{"a":[1]}"""), (row.Text("flag"), row.Text("deep")));
        Assert.Null(row.Time);
    }

    [Fact]
    public void Row_MadeByHand_ReadsLikeOneThatCame()
    {
        using var json = JsonDocument.Parse("""{"date__week":"2026-05-31","n":1e2,"n":3}""");
        var row = new AnalyticsRow(json.RootElement);
        Assert.Equal((3m, new DateTimeOffset(2026, 5, 31, 0, 0, 0, TimeSpan.Zero)), (row.Number("n"), row.Time));
        Assert.Throws<ArgumentException>(() => row.Text("m"));
        Assert.Throws<ArgumentException>(() => new AnalyticsRow(json.RootElement.GetProperty("n")));
    }

    [Theory]
    [InlineData("""{}""", "without 'data'")]
    [InlineData("""{"data":null}""", "without 'data'")]
    [InlineData("""{"data":{}}""", "without 'data.data'")]
    [InlineData("""{"data":{"data":null}}""", "without 'data.data'")]
    [InlineData("""{"data":{"data":{}}}""", "not the expected JSON")]
    [InlineData("""{"data":{"data":[1]}}""", "not the expected JSON")]
    [InlineData("""{"data":{"data":[null]}}""", "not the expected JSON")]
    [InlineData("""{"data":{"data":[{"a":"\ud800"}]}}""", "not the expected JSON")]
    [InlineData("""{"data":{"data":[{"\ud800":1}]}}""", "not the expected JSON")]
    [InlineData("""{"data":{"data":[""", "not the expected JSON")]
    [InlineData("""{"error":{"code":502,"message":"Upstream is away"}}""", "Upstream is away")]
    public async Task QueryAsync_NoAnswer_IsATypedError(string body, string words)
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(Answering(body)).Analytics.QueryAsync(Query, cancellationToken: Cancelled));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QueryAsync_TenMegabytes_AreReadAndMoreThanTheBoundAreNot()
    {
        var row = """{"model":"a/b","request_count":"1","total_usage":0.001,"note":"0123456789012345678901234567890123456789"}""";
        var rows = (10 * 1024 * 1024 / row.Length) + 1;
        var result = await ReadAsync("[" + string.Join(',', Enumerable.Repeat(row, rows)) + "]", """{"truncated":false}""");
        Assert.Equal((rows, rows), (result.Rows.Count, (int)result.Total("request_count")));

        var endless = new ScriptedHandler(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new EndlessStream()) });
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(endless).Analytics.QueryAsync(Query, cancellationToken: Cancelled));
        Assert.Contains("more than 67108864 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(503)]
    public async Task QueryAsync_PassingFault_IsRepeatedWithItsBodyForItOnlyReads(int status)
    {
        var calls = 0;
        var handler = new ScriptedHandler(_ => ++calls == 1 ? StubHandler.Json("""{"error":{"code":1,"message":"later"}}""", (HttpStatusCode)status) : StubHandler.Json("""{"data":{"data":[],"metadata":{"truncated":false,"row_count":0}}}"""));
        var clock = new ManualTimeProvider();
        var client = BillingClientKit.Over(handler, options => (options.MaxRetries, options.RetryDelay, options.AttemptTimeout) = (1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9)), clock);
        var call = client.Analytics.QueryAsync(Query, cancellationToken: Cancelled);
        clock.Advance(await BillingClientKit.PauseOfAsync(clock, TimeSpan.FromSeconds(9), call));
        Assert.True((await call).IsComplete);
        Assert.Equal(2, handler.Requests.Count);
        Assert.Single(handler.Requests.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task QueryAsync_CallerLeaves_EndsWithItsToken()
    {
        using var leaving = new CancellationTokenSource();
        var stub = new StubHandler().On("POST analytics/query", async (_, cancellationToken) =>
        {
            await leaving.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("It waited for ever.");
        });
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BillingClientKit.Over(stub).Analytics.QueryAsync(Query, cancellationToken: leaving.Token));
        Assert.Equal(leaving.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task GetMetaAsync_NewWords_AreKept()
    {
        var meta = await BillingClientKit.Over(Answering("""
            {"data":{"metrics":[{"name":"m","display_label":"M","display_format":"percent","is_rate":true},{"name":"n"}],"dimensions":[{"name":"d","display_label":"D"}],
             "operators":[{"name":"in","value_type":"array"},{"name":"near","value_type":"pair"}],"granularities":[{"name":"decade","display_label":"Decade"}]}}
            """)).Analytics.GetMetaAsync(Cancelled);
        Assert.Equal([new() { Name = "m", Label = "M", Format = "percent", IsRate = true }, new() { Name = "n" }], meta.Metrics);
        Assert.Equal([new() { Name = "d", Label = "D" }], meta.Dimensions);
        Assert.Equal([new(AnalyticsOperator.AnyOf, "array"), new(new("near"), "pair")], meta.Operators);
        Assert.Equal([new(new("decade"), "Decade")], meta.Granularities);
    }

    [Theory]
    [InlineData("""{"data":{}}""", "data.metrics")]
    [InlineData("""{"data":{"metrics":[{}],"dimensions":[],"operators":[],"granularities":[]}}""", "data.metrics[].name")]
    [InlineData("""{"data":{"metrics":[],"dimensions":[null],"operators":[],"granularities":[]}}""", "data.dimensions[].name")]
    [InlineData("""{"data":{"metrics":[],"dimensions":[],"operators":[]}}""", "data.granularities")]
    public async Task GetMetaAsync_NamesMissing_IsAnErrorRatherThanNoChoice(string body, string member)
    {
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(Answering(body)).Analytics.GetMetaAsync(Cancelled));
        Assert.Contains($"without '{member}'", exception.Message, StringComparison.Ordinal);
    }

    private static ScriptedHandler Answering(string body) => new(_ => StubHandler.Json(body));

    private static Task<AnalyticsResult> ReadAsync(string rows, string metadata, string more = "") =>
        BillingClientKit.Over(Answering("{\"data\":{\"data\":" + rows + ",\"metadata\":" + metadata + more + "}}")).Analytics.QueryAsync(Query, cancellationToken: Cancelled);

    private static async Task<string> SentAsync(AnalyticsQuery query)
    {
        var handler = Answering("""{"data":{"data":[]}}""");
        await BillingClientKit.Over(handler).Analytics.QueryAsync(query, cancellationToken: Cancelled);
        var sent = handler.Requests.Single();
        Assert.Equal(("POST /analytics/query", TestData.ManagementKey), (sent.Route, sent.Key));
        return sent.Body;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            return ValueTask.FromResult(buffer.Length);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(count);
    }
}
