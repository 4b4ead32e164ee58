using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>What a token costs in one request. All prices are in whole dollars, so that sums can be done in the head.</summary>
public sealed class TokenRatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 10, 5, 12, 0, 0, TimeSpan.Zero);

    private static readonly ModelPrices Plain = new() { Prompt = 2, Completion = 10, AreKnown = true };

    private static readonly ModelPrices Full = Plain with { CacheWrite = 4, CacheWriteOneHour = 6, InternalReasoning = 20, Request = 8 };

    [Fact]
    public void Of_ListedPrices_AreTheDearestAndTheUsualOnes()
    {
        Assert.Equal(new TokenRates(Input: 2, Output: 10, Request: 0, UsualInput: 2, UsualOutput: 10), Of(Plain));
        Assert.Equal(new TokenRates(Input: 4, Output: 20, Request: 8, UsualInput: 2, UsualOutput: 10), Of(Full));
    }

    [Fact]
    public void Of_FreeVariant_CostsNothing() => Assert.Equal(default(TokenRates), TokenRates.Of(Model(Full), new BillableRequest(), isFree: true, 1_000, Now, TimeSpan.Zero));

    [Theory]
    // Everything a quarter dearer: 4 (or 6 for an hour), 20, 8, 2 and 10.
    [InlineData(-0.25, false, 5, 25, 10, 2.5, 12.5)]
    [InlineData(-0.25, true, 7.5, 25, 10, 2.5, 12.5)]
    // Nothing is cheaper.
    [InlineData(0.25, false, 4, 20, 8, 2, 10)]
    public void Of_Discount_OnlyMakesDearer(double discount, bool forAnHour, double input, double output, double fee, double usualInput, double usualOutput) =>
        Assert.Equal(
            new TokenRates((decimal)input, (decimal)output, (decimal)fee, (decimal)usualInput, (decimal)usualOutput),
            Of(Full with { Discount = (decimal)discount }, new BillableRequest { CachesForAnHour = forAnHour }));

    [Theory]
    // Half of 2 and of 10: then cache writes and reasoning cost half of 4 and of 20.
    [InlineData(1, 5, 3, 2, 10, 3, 2, 10)]
    // A quarter of either: then a token of any kind costs less than usual.
    [InlineData(0.5, 10, 8, 1, 20, 8, 1, 10)]
    [InlineData(2, 2.5, 8, 4, 5, 8, 2, 5)]
    // At the price and above it the cap does nothing.
    [InlineData(2, 10, 8, 4, 20, 8, 2, 10)]
    [InlineData(9, 90, 9, 4, 20, 8, 2, 10)]
    public void Of_PriceCap_LowersInProportion(double prompt, double completion, double request, double input, double output, double fee, double usualInput, double usualOutput) =>
        Assert.Equal(
            new TokenRates((decimal)input, (decimal)output, (decimal)fee, (decimal)usualInput, (decimal)usualOutput),
            Of(Full, new BillableRequest { PriceCap = Cap((decimal)prompt, (decimal)completion, (decimal)request) }));

    [Fact]
    public void Of_PriceCapOfNothing_IsNoReasonToDivideByAPriceOfNothing() =>
        Assert.Equal(default(TokenRates), Of(new ModelPrices { Prompt = 0, Completion = 0, AreKnown = true }, new BillableRequest { PriceCap = Cap(0, 0, 0) }));

    [Fact]
    public void Of_RouterWithoutAPrice_CostsTheCapAtMost()
    {
        TokenRates? OfRouter(RequestPriceCap? cap) => TokenRates.Of(null, new BillableRequest { PriceCap = cap }, isFree: false, 1_000, Now, TimeSpan.Zero);

        Assert.Equal(new TokenRates(1, 5, 3, 1, 5), OfRouter(Cap(1, 5, 3)));
        Assert.Equal(new TokenRates(1, 5, 0, 1, 5), OfRouter(Cap(1, 5, null)));
        Assert.Null(OfRouter(Cap(1, null, 3)));
        Assert.Null(OfRouter(Cap(null, 5, 3)));
        Assert.Null(OfRouter(null));
    }

    [Fact]
    public void Of_ModelThatIsNotPricedByText_IsUnknownEvenBelowACap() =>
        Assert.Null(TokenRates.Of(new PricedModel(new ModelListing { Id = "a/b", Prices = Plain, OutputModalities = ["image"] }), new BillableRequest { PriceCap = Cap(1, 5, 3) }, isFree: false, 1_000, Now, TimeSpan.Zero));

    [Theory]
    // A prompt of exactly 100 tokens keeps the usual price, 2 and 10.
    [InlineData(50, 2, 10, 2, 10)]
    [InlineData(100, 2, 10, 2, 10)]
    // From 101 on it is 6 and 30.
    [InlineData(101, 6, 30, 6, 30)]
    [InlineData(500, 6, 30, 6, 30)]
    // From 501 on it is 3 and 15; but the prompt is counted too high, and may yet be one of 101.
    [InlineData(501, 6, 30, 3, 15)]
    public void Of_PricesBySize_AreTheDearestOnTheWayThere(long tokens, int input, int output, int usualInput, int usualOutput) =>
        Assert.Equal(new TokenRates(input, output, 8, usualInput, usualOutput), Of(Plain with { Request = 8, Overrides = [Above(100, 6, 30), Above(500, 3, 15)] }, promptTokens: tokens));

    [Fact]
    public void Of_PriceOfASingleSize_IsOnTheWayToo() =>
        Assert.Equal(new TokenRates(6, 30, 0, 3, 15), Of(Plain with { Overrides = [Above(100, 6, 30), Above(101, 3, 15)] }));

    private static TokenRates? Of(ModelPrices prices, BillableRequest? request = null, long promptTokens = 1_000) =>
        TokenRates.Of(Model(prices), request ?? new BillableRequest(), isFree: false, promptTokens, Now, TimeSpan.Zero);

    private static PricedModel Model(ModelPrices prices) => new(new ModelListing { Id = "a/b", Prices = prices });

    private static RequestPriceCap Cap(decimal? prompt, decimal? completion, decimal? request) => new() { Prompt = prompt, Completion = completion, Request = request };

    private static PriceOverride Above(long tokens, decimal prompt, decimal completion) => new() { MinPromptTokens = tokens, Prompt = prompt, Completion = completion };
}
