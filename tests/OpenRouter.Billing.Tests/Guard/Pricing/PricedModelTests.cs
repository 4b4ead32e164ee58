using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>What an estimate asks about a model, told from how it is listed.</summary>
public sealed class PricedModelTests
{
    [Theory]
    [InlineData("", true, false)]
    [InlineData("text", true, false)]
    [InlineData("embeddings", true, false)]
    [InlineData("text,image", true, true)]
    [InlineData("text,audio", true, true)]
    [InlineData("image", false, true)]
    [InlineData("video", false, false)]
    public void PricedModel_Modalities_SayWhetherTokensAreAllThatCosts(string modalities, bool isPricedByText, bool givesMedia)
    {
        var model = new PricedModel(new ModelListing { Id = "a/b", OutputModalities = modalities.Split(',', StringSplitOptions.RemoveEmptyEntries) });

        Assert.Equal((isPricedByText, givesMedia), (model.IsPricedByText, model.GivesMedia));
    }

    [Theory]
    // The longer of the two that are listed, since nobody knows which provider answers.
    [InlineData(8_000L, null, 8_000)]
    [InlineData(null, 5_000L, 5_000)]
    [InlineData(8_000L, 5_000L, 8_000)]
    [InlineData(5_000L, 8_000L, 8_000)]
    [InlineData(null, null, CostEstimator.Most)]
    [InlineData(0L, -1L, CostEstimator.Most)]
    [InlineData(long.MaxValue, null, CostEstimator.Most)]
    public void Context_Listed_IsTheLongestOrHasNoBound(long? listed, long? ofProvider, long context) =>
        Assert.Equal(context, new PricedModel(new ModelListing { Id = "a/b", ContextLength = listed, TopProviderContextLength = ofProvider }).Context);

    [Theory]
    // The shortest of context, model and what one request may ask for.
    [InlineData(null, null, 8_000)]
    [InlineData(9_000L, null, 8_000)]
    [InlineData(900L, null, 900)]
    [InlineData(900L, 700L, 700)]
    [InlineData(null, 700L, 700)]
    [InlineData(-1L, null, 0)]
    public void LongestAnswer_Listed_IsTheShortestBound(long? ofModel, long? ofRequest, long tokens) =>
        Assert.Equal(tokens, new PricedModel(new ModelListing { Id = "a/b", ContextLength = 8_000, MaxOutputTokens = ofModel, OutputTokensPerRequest = ofRequest }).LongestAnswer);
}
