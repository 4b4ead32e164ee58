namespace OpenRouter.Billing.Tests.Api.Analytics;

public sealed class AnalyticsQueryTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly AnalyticsMeta Meta = new()
    {
        Metrics = [new() { Name = "request_count", Format = "number" }, new() { Name = "latency", Format = "latency" }],
        Dimensions = [new() { Name = "model" }, new() { Name = "user" }, new() { Name = "generation_id" }],
        Operators = [new(AnalyticsOperator.EqualTo, "scalar"), new(AnalyticsOperator.AnyOf, "array"), new(new("between"), "array")],
        Granularities = [new(AnalyticsGranularity.Day, "Day"), new(AnalyticsGranularity.Hour, "Hour")],
    };

    private static AnalyticsQuery Plain => new() { Metrics = ["request_count"] };

    public static TheoryData<string, AnalyticsQuery, string> OutOfBounds => new()
    {
        { "Metrics", Plain with { Metrics = [] }, "has 0, and at least 1" },
        { "Metrics", Plain with { Metrics = null! }, "is null" },
        { "Metrics", Plain with { Metrics = ["a", " "] }, "blank" },
        { "Metrics", Plain with { Metrics = ["a", "a"] }, "names 'a' twice" },
        { "Dimensions", Plain with { Dimensions = ["a", "b", "c"] }, "has 3, and at most 2" },
        { "Dimensions", Plain with { Dimensions = null! }, "is null" },
        { "Filters", Plain with { Filters = [.. Enumerable.Repeat(AnalyticsFilter.EqualTo("model", "a"), 21)] }, "has 21, and at most 20" },
        { "Filters", Plain with { Filters = [null!] }, "null in place of a filter" },
        { "Filters", Plain with { Filters = [AnalyticsFilter.EqualTo("", "a")] }, "blank" },
        { "Filters", Plain with { Filters = [new("model", default, ["a"])] }, "blank" },
        { "Filters.Values", Plain with { Filters = [AnalyticsFilter.AnyOf("model")] }, "has 0, and at least 1" },
        { "Filters.Values", Plain with { Filters = [new("model", AnalyticsOperator.EqualTo, ["a", "b"])] }, "has 2, and exactly 1" },
        { "Filters", Plain with { Filters = [AnalyticsFilter.EqualTo("model", default)] }, "with nothing" },
        { "Filters", Plain with { Filters = [AnalyticsFilter.EqualTo("model", "a") with { IncludesUnset = false }] }, "'in' and 'not_in' alone" },
        { "Filters", Plain with { Filters = [AnalyticsFilter.EqualTo("api_key_id", TestData.ApiKey)] }, "its hash is wanted" },
        { "Granularity", Plain with { Granularity = default(AnalyticsGranularity) }, "blank" },
        { "Range", Plain with { Range = new(Start, Start) }, "must end later than it begins" },
        { "Range", Plain with { Range = new(Start, Start.AddDays(-1)) }, "begins at 2026-10-01T00:00:00Z and ends at 2026-09-30T00:00:00Z" },
        { "Range", Plain with { Dimensions = ["generation_id"], Range = new(Start, Start.AddDays(31.5)) }, "is 31.5 days long, and with 'generation_id' at most 31 days" },
        { "OrderBy", Plain with { OrderBy = new("total_usage") }, "names 'total_usage', which is not allowed. Allowed: request_count, date." },
        { "Limit", Plain with { Limit = 0 }, "is 0, and at least 1" },
        { "GroupLimit", Plain with { GroupLimit = -5 }, "is -5, and at least 1" },
        { "Classifier.Id", Plain with { Classifier = new(Guid.Empty) { GroupBy = [] } }, "is empty" },
        { "Classifier", Plain with { Classifier = new(Guid.NewGuid()) }, "neither groups nor filters" },
        { "Classifier.GroupBy", Plain with { Classifier = new(Guid.NewGuid()) { GroupBy = ["a", "b", "c"] } }, "has 3, and at most 2" },
        { "Classifier.Filters", Plain with { Classifier = new(Guid.NewGuid()) { Filters = [.. Enumerable.Repeat(AnalyticsFilter.EqualTo("a", "b"), 11)] } }, "has 11, and at most 10" },
        { "Classifier.Filters", Plain with { Classifier = new(Guid.NewGuid()) { Filters = [new("a", AnalyticsOperator.MoreThan, ["b"])] } }, "Allowed: eq, neq, in, not_in." },
    };

    [Theory]
    [MemberData(nameof(OutOfBounds), DisableDiscoveryEnumeration = true)]
    public async Task Validate_BeyondAFixedBound_NamesItAndSendsNothing(string part, AnalyticsQuery query, string words)
    {
        var exception = Assert.Throws<AnalyticsQueryException>(() => query.Validate());
        Assert.Equal(part, exception.Part);
        Assert.StartsWith(part + " ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was sent.", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", exception.ToString(), StringComparison.Ordinal);

        var handler = new ScriptedHandler(_ => throw new InvalidOperationException("Something was sent."));
        await Assert.ThrowsAsync<AnalyticsQueryException>(() => BillingClientKit.Over(handler).Analytics.QueryAsync(query, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Empty(handler.Requests);
    }

    public static TheoryData<string, string, AnalyticsQuery, string> Unknown => new()
    {
        { "Metrics", "request_cuont", Plain with { Metrics = ["request_count", "request_cuont"] }, "Allowed: request_count, latency." },
        { "Dimensions", "provider", Plain with { Dimensions = ["provider"] }, "Allowed: model, user, generation_id." },
        { "Granularity", "week", Plain with { Granularity = AnalyticsGranularity.Week }, "Allowed: day, hour." },
        { "Filters", "app", Plain with { Filters = [AnalyticsFilter.EqualTo("app", 1)] }, "Allowed: model, user, generation_id." },
        { "Filters", "not_in", Plain with { Filters = [AnalyticsFilter.NoneOf("model", "a")] }, "Allowed: eq, in, between." },
        { "Range", "latency", Plain with { Metrics = ["latency"], Range = new(Start, Start.AddDays(32)) }, "with 'latency' at most 31 days" },
    };

    [Theory]
    [MemberData(nameof(Unknown), DisableDiscoveryEnumeration = true)]
    public void Validate_AgainstMeta_NamesTheValueAndWhatIsAllowed(string part, string value, AnalyticsQuery query, string words)
    {
        query.Validate();
        var exception = Assert.Throws<AnalyticsQueryException>(() => query.Validate(Meta));
        Assert.Equal((part, value), (exception.Part, exception.Value));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        if (part != "Range")
        {
            Assert.Contains($"names '{value}'", exception.Message, StringComparison.Ordinal);
            Assert.NotEmpty(exception.Allowed);
        }
    }

    public static TheoryData<AnalyticsQuery> Good =>
    [
        Plain,
        Plain with { Dimensions = ["model", "user"], Granularity = AnalyticsGranularity.Hour, Range = new(Start, Start.AddTicks(1)), Limit = 1, GroupLimit = 1 },
        Plain with { Dimensions = ["generation_id"], Range = new(Start, Start.AddDays(31)) },
        Plain with { OrderBy = new("date") },
        Plain with { OrderBy = new("model", IsDescending: true), Dimensions = ["model"] },
        Plain with { Metrics = ["latency"], OrderBy = new("request_count") },
        Plain with { Filters = [.. Enumerable.Repeat(AnalyticsFilter.AnyOf("model", "a", 2) with { IncludesUnset = true }, 20)] },
        Plain with { Filters = [new("model", new("between"), ["a", "b"])] },
        Plain with { Classifier = new(Guid.NewGuid()) { GroupBy = [] } },
        Plain with { Classifier = new(Guid.NewGuid()) { GroupBy = ["team"] }, OrderBy = new("team") },
    ];

    [Theory]
    [MemberData(nameof(Good), DisableDiscoveryEnumeration = true)]
    public void Validate_WithinAllBounds_Passes(AnalyticsQuery query)
    {
        query.Validate();
        query.Validate(Meta);
    }

    [Fact]
    public void Validate_KeyInAnyPlaceOfAName_IsShownNowhere()
    {
        foreach (var query in new[] { Plain with { Metrics = [TestData.ApiKey] }, Plain with { Dimensions = [TestData.ApiKey] }, Plain with { OrderBy = new(TestData.ApiKey) }, Plain with { Granularity = new(TestData.ApiKey) } })
        {
            var exception = Assert.Throws<AnalyticsQueryException>(() => query.Validate(Meta));
            Assert.DoesNotContain("sk-or-v1-1", exception.ToString(), StringComparison.Ordinal);
            Assert.Null(exception.Value);
        }
    }

    [Fact]
    public void Validate_HundredsOfNames_ShowsSomeAndHasAll()
    {
        var meta = Meta with { Metrics = [.. Enumerable.Range(0, 300).Select(i => new AnalyticsMetric { Name = $"metric_{i}" })] };
        var exception = Assert.Throws<AnalyticsQueryException>(() => Plain.Validate(meta));
        Assert.Equal(300, exception.Allowed.Count);
        Assert.InRange(exception.Message.Length, 100, 1_000);
        Assert.Contains("There are none.", Assert.Throws<AnalyticsQueryException>(() => Plain.Validate(Meta with { Metrics = [] })).Message, StringComparison.Ordinal);
    }
}
