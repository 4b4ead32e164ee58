using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>The numbers of an estimate one by one. A prompt of 1,000 bytes is one of 1,000 tokens here, and usually one of 254.</summary>
public sealed class CostEstimatorTests
{
    private const decimal Micro = 0.000001m;

    private static readonly ITokenCounter PerByte = new ByteCounter();

    private static readonly BillableRequest Chat = new() { Model = "a/plain", Prompt = Text(1_000), MaxOutputTokens = 100 };

    [Fact]
    public void Estimate_SeveralAnswers_AddUpNumberByNumber() =>
        Assert.Equal(
            new CostEstimate
            {
                // 500 for the request, 1,000 tokens at 2 and three answers of 100 tokens at 10.
                UpperBound = 5_500 * Micro,
                // The same with a prompt of 254 tokens: 500 + 508 + 3,000.
                Expected = 4_008 * Micro,
                IsBounded = true,
                PromptTokens = 1_000,
                OutputTokens = 100,
                CostWithoutOutput = 2_500 * Micro,
                CostPerOutputToken = 30 * Micro,
            },
            Estimate(Chat with { Model = "a/fee", Answers = 3 }));

    [Fact]
    public void Estimate_NoOutputCap_ExpectsFiveHundredTokens()
    {
        var estimate = Estimate(Chat with { MaxOutputTokens = null })!;

        // 254 tokens at 2 and 500 at 10; at most 1,000 and 5,000.
        Assert.Equal((5_508 * Micro, 52_000 * Micro), (estimate.Expected, estimate.UpperBound));
    }

    [Theory]
    [InlineData(0, 0, 0, false, 1_000)]
    // 2,000 for each image, however large.
    [InlineData(3, 0, 0, false, 7_000)]
    [InlineData(1, 0, 100_000, false, 3_000)]
    // 3,000 for each page: one for each file, or for every 16,384 bytes.
    [InlineData(0, 1, 0, false, 4_000)]
    [InlineData(0, 2, 40_000, false, 10_000)]
    [InlineData(2, 1, 16_384, false, 8_000)]
    // 8,000 for the results of a search.
    [InlineData(0, 0, 0, true, 9_000)]
    [InlineData(1, 1, 0, true, 14_000)]
    public void Estimate_WhatIsReadBesidesText_AddsToThePrompt(int images, int files, long mediaBytes, bool searches, long promptTokens) =>
        Assert.Equal(promptTokens, Estimate(Chat with { Images = images, Files = files, MediaBytes = mediaBytes, AddOns = searches ? [new RequestAddOn("web")] : [] })!.PromptTokens);

    [Fact]
    public void Estimate_Image_IsExpectedToBeReadToo() =>
        // 254 + 2,000 tokens at 2, and 100 at 10.
        Assert.Equal(5_508 * Micro, Estimate(Chat with { Images = 1 })!.Expected);

    [Theory]
    // 700 tokens at 1 and the longest answer, 800 at 10, are dearer than the whole prompt and the 500 that are left.
    [InlineData("a/writer", 8_700)]
    // The whole prompt, 1,000 tokens at 10, and the 500 at 1 that are left are dearer than 700 at 10 and 800 at 1.
    [InlineData("a/reader", 10_500)]
    public void Estimate_PromptAndAnswerBeyondTheContext_IsTheDearerMix(string model, int micros) =>
        Assert.Equal(micros * Micro, Estimate(Chat with { Model = model, MaxOutputTokens = null })!.UpperBound);

    [Fact]
    public void Estimate_PromptThatFillsTheContext_ExpectsNoMoreThanTheMost()
    {
        // Usually 1,004 tokens, and 500 of an answer; but there is room for 1,200, all at 1.
        var estimate = Estimate(Chat with { Model = "a/short", Prompt = Text(4_000), MaxOutputTokens = null })!;

        Assert.Equal((1_200L, 1_200 * Micro, 1_200 * Micro), (estimate.PromptTokens, estimate.UpperBound, estimate.Expected));
    }

    [Fact]
    public void Estimate_AnswerWithoutAnyBound_IsKnownOnlyWhereOutputCostsNothing()
    {
        Assert.Null(Estimate(Chat with { Model = "a/endless", MaxOutputTokens = null }));
        Assert.Equal(3_000 * Micro, Estimate(Chat with { Model = "a/endless" })!.UpperBound);
        Assert.Equal(2_000 * Micro, Estimate(Chat with { Model = "a/mute", MaxOutputTokens = null })!.UpperBound);
    }

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(1, 0, 0, false)]
    [InlineData(0, 1, 0, false)]
    [InlineData(0, 0, 1, false)]
    [InlineData(1, 1, 0, false)]
    [InlineData(1, 0, 1, false)]
    [InlineData(0, 1, 1, false)]
    public void Estimate_Media_HasNoBoundInAnyMixture(int images, int recordings, int files, bool isBounded) =>
        Assert.Equal(isBounded, Estimate(Chat with { Images = images, Recordings = recordings, Files = files })!.IsBounded);

    [Theory]
    [InlineData("a/plain", "a/tiny")]
    [InlineData("a/tiny", "a/plain")]
    public void Estimate_TwoModels_TakesEachNumberFromTheDearerOne(string model, string fallback) =>
        Assert.Equal(
            new CostEstimate
            {
                // 1,000 tokens at 2 and 5,000 at 10; the other one has 300 tokens at 1 and 300 at 20.
                UpperBound = 52_000 * Micro,
                // 254 tokens at 1 and 300 at 20; the other one has 254 at 2 and 500 at 10.
                Expected = 6_254 * Micro,
                IsBounded = true,
                PromptTokens = 1_000,
                OutputTokens = 5_000,
                CostWithoutOutput = 2_000 * Micro,
                CostPerOutputToken = 20 * Micro,
            },
            Estimate(Chat with { Model = model, FallbackModels = [fallback], MaxOutputTokens = null }));

    [Theory]
    [InlineData("a/plain", "a/drawer", false)]
    [InlineData("a/drawer", "a/plain", false)]
    [InlineData("a/plain", "a/tiny", true)]
    public void Estimate_TwoModels_HasABoundWhenBothHave(string model, string fallback, bool isBounded) =>
        Assert.Equal(isBounded, Estimate(Chat with { Model = model, FallbackModels = [fallback] })!.IsBounded);

    private static CostEstimate? Estimate(BillableRequest request) =>
        CostEstimator.Estimate(request, new PriceList(Models()), PerByte, TimeSpan.Zero, new DateTimeOffset(2026, 10, 5, 12, 0, 0, TimeSpan.Zero));

    private static PromptSize Text(long bytes) => new() { Bytes = bytes, Messages = 1 };

    private static IReadOnlyList<ModelListing> Models()
    {
        static ModelPrices Prices(decimal prompt, decimal completion) => new() { Prompt = prompt * Micro, Completion = completion * Micro, AreKnown = true };
        return
        [
            new() { Id = "a/plain", Prices = Prices(2, 10), ContextLength = 100_000, MaxOutputTokens = 5_000 },
            new() { Id = "a/fee", Prices = Prices(2, 10) with { Request = 500 * Micro }, ContextLength = 100_000 },
            new() { Id = "a/writer", Prices = Prices(1, 10), ContextLength = 1_500, MaxOutputTokens = 800 },
            new() { Id = "a/reader", Prices = Prices(10, 1), ContextLength = 1_500, MaxOutputTokens = 800 },
            new() { Id = "a/short", Prices = Prices(1, 1), ContextLength = 1_200 },
            new() { Id = "a/tiny", Prices = Prices(1, 20), ContextLength = 600, MaxOutputTokens = 300 },
            new() { Id = "a/endless", Prices = Prices(2, 10) },
            new() { Id = "a/mute", Prices = Prices(2, 0) },
            new() { Id = "a/drawer", Prices = Prices(2, 10), ContextLength = 100_000, OutputModalities = ["image", "text"] },
        ];
    }

    private sealed class ByteCounter : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => prompt.Bytes;
    }
}
