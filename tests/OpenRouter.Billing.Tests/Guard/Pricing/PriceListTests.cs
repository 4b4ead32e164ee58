using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>Models found by what requests call them.</summary>
public sealed class PriceListTests
{
    [Theory]
    [InlineData(1, 3, 2, "a/second")]
    [InlineData(3, 2, 1, "a/first")]
    [InlineData(1, 2, 3, "a/third")]
    public void Find_PermanentSlugOfSeveralModels_IsTheDearest(int first, int second, int third, string dearest)
    {
        var list = new PriceList([Listing("a/first", first), Listing("a/second", second), Listing("a/third", third)]);

        Assert.Equal(dearest, list.Find("a/permanent")?.Id);
        Assert.Equal("a/second", list.Find("a/second")?.Id);
    }

    [Fact]
    public void Find_SlugThatIsAModelsOwn_IsThatModelHoweverDearOthersAre()
    {
        var list = new PriceList([Listing("a/permanent", 1), Listing("a/dear", 9)]);

        Assert.Equal("a/permanent", list.Find("a/permanent")?.Id);
    }

    private static ModelListing Listing(string id, decimal completion) =>
        new() { Id = id, CanonicalSlug = "a/permanent", Prices = new ModelPrices { Prompt = 1, Completion = completion, AreKnown = true } };
}
