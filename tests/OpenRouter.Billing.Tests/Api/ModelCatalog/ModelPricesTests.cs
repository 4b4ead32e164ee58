using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Api.ModelCatalog;

/// <summary>Which prices apply to a prompt of a size at an hour.</summary>
public sealed class ModelPricesTests
{
    [Theory]
    [InlineData(272_000, 1, 5)]
    [InlineData(272_001, 2, 7.5)]
    public async Task At_RealOverride_AppliesStrictlyAboveItsSize(long promptTokens, double prompt, double completion)
    {
        var model = (await ListAsync(Reference.Json("openrouter-models.json").ToJsonString())).Single(model => model.Id == "openai/gpt-6-luna-pro");

        var prices = model.Prices.At(promptTokens, DateTimeOffset.UnixEpoch);

        Assert.Equal(((decimal)prompt * 0.0000001m, (decimal)completion * 0.0000001m), (prices.Prompt!.Value, prices.Completion!.Value));
        Assert.Equal(0.01m, prices.WebSearch);
        Assert.Empty(prices.Overrides);
    }

    [Theory]
    [InlineData("\"utc_start\":30,\"utc_end\":1630", "2026-10-05T00:29:59Z", false)]
    [InlineData("\"utc_start\":30,\"utc_end\":1630", "2026-10-05T00:30:00Z", true)]
    [InlineData("\"utc_start\":30,\"utc_end\":1630", "2026-10-05T16:29:59Z", true)]
    [InlineData("\"utc_start\":30,\"utc_end\":1630", "2026-10-05T16:30:00Z", false)]
    [InlineData("\"utc_start\":2200,\"utc_end\":600", "2026-10-05T22:00:00Z", true)]
    [InlineData("\"utc_start\":2200,\"utc_end\":600", "2026-10-05T05:59:00Z", true)]
    [InlineData("\"utc_start\":2200,\"utc_end\":600", "2026-10-05T06:00:00Z", false)]
    [InlineData("\"utc_start\":1600,\"utc_end\":2400", "2026-10-05T23:59:00Z", true)]
    [InlineData("\"utc_start\":1600,\"utc_end\":2400", "2026-10-05T00:00:00Z", false)]
    [InlineData("\"utc_days\":[\"monday\"]", "2026-10-05T13:00:00Z", true)]
    [InlineData("\"utc_days\":[\"monday\"]", "2026-10-06T00:00:00Z", false)]
    [InlineData("\"utc_days\":[\"monday\"]", "2026-10-05T00:00:00Z", true)]
    [InlineData("\"utc_days\":[\"monday\"],\"utc_start\":2200,\"utc_end\":600", "2026-10-06T05:00:00Z", true)]
    [InlineData("\"utc_days\":[\"monday\"],\"utc_start\":2200,\"utc_end\":600", "2026-10-05T05:00:00Z", false)]
    [InlineData("\"utc_days\":[\"saturday\",\"sunday\"],\"min_prompt_tokens\":100", "2026-10-04T05:00:00Z", false)]
    [InlineData("\"utc_days\":[\"saturday\",\"sunday\"],\"min_prompt_tokens\":99", "2026-10-04T05:00:00Z", true)]
    public async Task At_Conditions_AllHaveToHold(string conditions, string instant, bool applies)
    {
        var model = await ReadAsync($$"""[{{{conditions}},"prompt":"9"}]""");

        var prices = model.Prices.At(100, DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));

        Assert.True(model.Prices.AreKnown);
        Assert.Equal((applies ? 9m : 1m, 2m), (prices.Prompt!.Value, prices.Completion!.Value));
    }

    [Fact]
    public async Task At_SeveralOverrides_LaterOnesWinPerKey()
    {
        var model = await ReadAsync("""[{"min_prompt_tokens":10,"prompt":"3","completion":"4","input_cache_write_1h":"6"},{"min_prompt_tokens":20,"prompt":"5"}]""");

        var prices = model.Prices.At(21, DateTimeOffset.UnixEpoch);

        Assert.Equal((5m, 4m, 6m), (prices.Prompt!.Value, prices.Completion!.Value, prices.CacheWriteOneHour!.Value));
    }

    [Theory]
    [InlineData("""[{"utc_start":2460,"prompt":"3"}]""")]
    [InlineData("""[{"utc_end":-1,"prompt":"3"}]""")]
    [InlineData("""[{"utc_days":["someday"],"prompt":"3"}]""")]
    [InlineData("""[{"utc_days":["1"],"prompt":"3"}]""")]
    [InlineData("""[{"prompt":"-1"}]""")]
    [InlineData("[null]")]
    public async Task AreKnown_OverrideThatNobodyCanRead_IsFalse(string overrides) =>
        Assert.False((await ReadAsync(overrides)).Prices.AreKnown);

    [Fact]
    public async Task Discount_NumberAsOnTheWire_MayBeAMarkup()
    {
        var model = Assert.Single(await ListAsync("""{"data":[{"id":"a/b","pricing":{"prompt":"1","completion":"2","discount":-0.25}}]}"""));

        Assert.Equal(-0.25m, model.Prices.Discount);
    }

    private static async Task<ModelListing> ReadAsync(string overrides) =>
        Assert.Single(await ListAsync($$$"""{"data":[{"id":"a/b","pricing":{"prompt":"1","completion":"2","overrides":{{{overrides}}}}}]}"""));

    private static async Task<IReadOnlyList<ModelListing>> ListAsync(string body)
    {
        using var stub = new StubHandler().On("GET models", body);
        return await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
    }
}
