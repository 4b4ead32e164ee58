using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Tests.Wire;

/// <summary>Activity is read by hand for speed; it must read what the framework would, and survive what the framework would.</summary>
public sealed class ActivityConverterTests
{
    private static readonly string[] Texts = ["model", "model_permaslug", "endpoint_id", "provider_name", "workspace_id"];
    private static readonly string[] Amounts = ["usage", "byok_usage_inference"];
    private static readonly string[] Counts = ["requests", "prompt_tokens", "completion_tokens", "reasoning_tokens"];

    [Fact]
    public void Read_RowsInAnyOrderAndSpelling_AreWhatADocumentSays()
    {
        var random = new Random(20261128);
        for (var round = 0; round < 400; round++)
        {
            var rows = new JsonArray([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Row(random))]);
            var body = new JsonObject { ["other"] = new JsonArray(1, new JsonObject()), ["data"] = rows, ["more"] = "x" }.ToJsonString();
            var read = Read(body).Data!;
            Assert.Equal(rows.Count, read.Count);
            foreach (var (entry, row) in read.Zip(rows))
            {
                Assert.Equal(DateOnly.ParseExact(((string)row!["date"]!)[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture), entry.Date);
                Assert.Equal(Texts.Select(name => row[name]?.ToString()), [entry.Model, entry.ModelPermaslug, entry.EndpointId, entry.ProviderName, entry.WorkspaceId]);
                Assert.Equal(Amounts.Select(name => Number(row[name])), [entry.Cost, entry.ByokCost]);
                Assert.Equal(Counts.Select(name => Number(row[name])), new decimal?[] { entry.Requests, entry.PromptTokens, entry.CompletionTokens, entry.ReasoningTokens });
            }
        }
    }

    [Fact]
    public void Read_RepeatedTexts_AreOneStringEach()
    {
        var rows = Read("""{"data":[{"date":"2026-11-17","model":"openai/gpt-4.1","provider_name":"É"},{"model":"openai/gpt-4.1","date":"2026-11-18"},{"date":"2026-11-19","model":"openai\/gpt-4.1"}]}""").Data!;
        Assert.Same(rows[0].Model, rows[1].Model);
        Assert.Equal(rows[0].Model, rows[2].Model);
        Assert.Equal("É", rows[0].ProviderName);
    }

    [Fact]
    public void Read_MoreTextsThanAreKept_AreAllReadRight()
    {
        string Name(int i) => i % 3 == 0 ? $"{i}" : i % 3 == 1 ? $"vendor/model-{i}-latest" : $"vendor-{i}-model";
        var body = "{\"data\":[" + string.Join(',', Enumerable.Range(0, 30_000).Select(i => $$"""{"date":"2026-11-17","model":"{{Name(i)}}","provider_name":"{{Name(i % 7)}}"}""")) + "]}";
        var rows = Read(body).Data!;
        Assert.Equal(Enumerable.Range(0, 30_000).Select(Name), rows.Select(row => row.Model));
        Assert.Equal(Enumerable.Range(0, 30_000).Select(i => Name(i % 7)), rows.Select(row => row.ProviderName));
    }

    [Fact]
    public void Read_MemberTwice_TakesTheLast()
    {
        var row = Read("""{"data":[{"date":"x"}],"data":[{"date":"2026-11-17","usage":1,"usage":"2e0","model":"a","model":null,"date":"2026-11-18"}]}""");
        Assert.Null(row.FindMissing());
        Assert.Equal((new DateOnly(2026, 11, 18), 2m, null), (row.Data![0].Date, row.Data[0].Cost, row.Data[0].Model));
    }

    [Theory]
    [InlineData("2026-11-17", true)]
    [InlineData("2024-02-29", true)]
    [InlineData("2026-11-17T23:59:59Z", true)]
    [InlineData("2026-11-17\\u0054", true)]
    [InlineData("2026\\u002d11-17", true)]
    [InlineData("2026-02-29", false)]
    [InlineData("2026-00-10", false)]
    [InlineData("2026-13-10", false)]
    [InlineData("2026-11-00", false)]
    [InlineData("2026-11-31", false)]
    [InlineData("0000-01-01", false)]
    [InlineData("2026/11/17", false)]
    [InlineData("20261117", false)]
    [InlineData("2026-1-017", false)]
    [InlineData("2026-11-1", false)]
    [InlineData("２０２６-11", false)]
    [InlineData("-026-11-17", false)]
    [InlineData("", false)]
    public void Read_Day_IsADateOrMissing(string text, bool isDay) =>
        Assert.Equal(isDay ? null : "data[].date", Read($$"""{"data":[{"date":"{{text}}"}]}""").FindMissing());

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\"data\"")]
    [InlineData("""{"data":1}""")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":[1]}""")]
    [InlineData("""{"data":[[]]}""")]
    [InlineData("""{"data":[{"date":true}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","model":{}}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","model":false}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","model":"\ud800"}]}""")]
    [InlineData("""{"data":[{"date":"2026\ud800-11-17"}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","usage":"a lot"}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","usage":1e300}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","usage":""}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","usage":"-"}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","requests":9223372036854775807}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17","requests":[]}]}""")]
    [InlineData("""{"data":[{"date":"2026-11-17"}""")]
    [InlineData("""{"data":[{"date":"2026-11-17"}]} {}""")]
    public void Read_OtherThanActivity_IsAJsonExceptionAndNothingElse(string body) => Assert.Throws<JsonException>(() => Read(body));

    [Theory]
    [InlineData("-0.50", "-0.50")]
    [InlineData("999999999999999999", "999999999999999999")]
    [InlineData("9999999999999999999", "9999999999999999999")]
    [InlineData("0.123456789012345678", "0.123456789012345678")]
    [InlineData("123456789012345678.9", "123456789012345678.9")]
    [InlineData("0.0003120166666666667", "0.0003120166666666667")]
    [InlineData("\"0012.50\"", "12.50")]
    [InlineData("\" 1.5 \"", "1.5")]
    [InlineData("\".5\"", "0.5")]
    [InlineData("\"5.\"", "5")]
    [InlineData("\"+7\"", "7")]
    [InlineData("1E-7", "0.0000001")]
    public void Read_Amount_IsExact(string written, string amount) =>
        Assert.Equal(decimal.Parse(amount, CultureInfo.InvariantCulture), Read($$"""{"data":[{"date":"2026-11-17","usage":{{written}}}]}""").Data![0].Cost);

    [Theory]
    [InlineData("\"1.2.3\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"--1\"")]
    [InlineData("\"12345678901234567890123456789012345678901234567890123456789012345\"")]
    public void Read_WhatIsNoAmount_IsNone(string written) => Assert.Throws<JsonException>(() => Read($$"""{"data":[{"date":"2026-11-17","usage":{{written}}}]}"""));

    [Fact]
    public async Task ListAsync_TenMegabytesAtOnce_AreReadByEachCallerForItself()
    {
        // Large bodies share memory one after the other, and must never at the same time.
        var calls = Enumerable.Range(0, 6).Select(async caller =>
        {
            var row = $$"""{"date":"2026-11-17","model":"caller-{{caller}}","usage":{{caller}},"requests":1,"endpoint_id":"{{new string('x', 300)}}"}""";
            var body = Encoding.UTF8.GetBytes("{\"data\":[" + string.Join(',', Enumerable.Repeat(row, 25_000)) + "]}");
            var client = BillingClientKit.Over(new StubHandler().On("GET activity", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new MemoryStream(body)) }));
            for (var round = 0; round < 3; round++)
            {
                var rows = await client.Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
                var group = Assert.Single(rows.ByModel());
                Assert.Equal(($"caller-{caller}", 25_000m * caller, 25_000L), (group.Key, group.Totals.Cost, group.Totals.Requests));
            }
        });
        await Task.WhenAll(calls);
    }

    private static ActivityPayload Read(string body) => JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(body), WireContext.Default.ActivityPayload)!;

    private static JsonObject Row(Random random)
    {
        var members = new List<KeyValuePair<string, JsonNode?>>
        {
            new("date", new DateOnly(2026, 1, 1).AddDays(random.Next(365)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + (random.Next(4) == 0 ? "T00:00:00.000Z" : string.Empty)),
            new("brand_new", new JsonObject { ["date"] = 7, ["data"] = new JsonArray("x") }),
        };
        string[] words = ["openai/gpt-4.1", "a", "", "Zürich \"🚀\"\n", "vendor/" + new string('x', 200), "550e8400-e29b-41d4-a716-446655440000", "12345678"];
        members.AddRange(Texts.Where(_ => random.Next(5) > 0).Select(name => KeyValuePair.Create<string, JsonNode?>(name, random.Next(6) == 0 ? null : random.Next(8) == 0 ? JsonNode.Parse("7.50") : JsonValue.Create(words[random.Next(words.Length)]))));
        string[] numbers = ["0", "1", "0.015", "7.30025e-05", "12E2", "\"42\"", "\"0.5\"", "-3", "123456789.123456789", "1.0"];
        members.AddRange(Amounts.Where(_ => random.Next(5) > 0).Select(name => KeyValuePair.Create(name, random.Next(6) == 0 ? null : JsonNode.Parse(numbers[random.Next(numbers.Length)]))));
        string[] counts = ["0", "5", "\"6331\"", "5.0", "5e2", "4611686018427387903", "-1"];
        members.AddRange(Counts.Where(_ => random.Next(5) > 0).Select(name => KeyValuePair.Create(name, random.Next(6) == 0 ? null : JsonNode.Parse(counts[random.Next(counts.Length)]))));
        if (random.Next(2) == 0)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(members));
        }

        return new JsonObject(members);
    }

    private static decimal? Number(JsonNode? node) => node is null ? null : decimal.Parse(node.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture);
}
