using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>What a request may cost, worked out by hand, and held against what recorded ones did cost.</summary>
public sealed class CostEstimateTests
{
    private const decimal Micro = 0.000001m;

    private static readonly DateTimeOffset Now = new(2026, 10, 5, 12, 0, 0, TimeSpan.Zero);

    // One token per byte and nothing else, so that sums can be done in the head.
    private static readonly ITokenCounter PerByte = new ByteCounter();

    [Theory]
    // 1,000 tokens of prompt at 2 and an answer at 10 millionths.
    [InlineData("a/plain", 100, 1, 3000)]
    // Without a cap the model's own 5,000; never more than that.
    [InlineData("a/plain", null, 1, 52000)]
    [InlineData("a/plain", 9999, 1, 52000)]
    // Answers are charged each, the prompt once.
    [InlineData("a/plain", 100, 3, 5000)]
    // Cache writes are dearer than reading, reasoning than speaking, and a request costs 500 besides.
    [InlineData("a/thinker", 100, 1, 4500)]
    // A context of 1,500: the whole prompt and what is left, or the longest answer and what is left. The dearer is the answer.
    [InlineData("a/short", null, 1, 1500)]
    // A prompt of more than 999 tokens costs three times as much, in and out.
    [InlineData("a/long", 100, 1, 9000)]
    // A markup of a quarter.
    [InlineData("a/markup", 100, 1, 3750)]
    // A discount is not relied on.
    [InlineData("a/discount", 100, 1, 3000)]
    public void Estimate_KnownPrice_IsWhatTheUnitsAddUpTo(string model, int? cap, int answers, int expectedMicros)
    {
        var estimate = Estimate(new BillableRequest { Model = model, Prompt = Text(1000), MaxOutputTokens = cap, Answers = answers });

        Assert.Equal(expectedMicros * Micro, estimate!.UpperBound);
        Assert.True(estimate.IsBounded);
        Assert.InRange(estimate.Expected, 0, estimate.UpperBound);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public void Estimate_CacheForAnHour_CostsOnlyThoseWhoAskForIt(bool forAnHour, int microsPerToken)
    {
        var estimate = Estimate(new BillableRequest { Model = "a/hour", Prompt = Text(1000), MaxOutputTokens = 1, CachesForAnHour = forAnHour });

        Assert.Equal(((1000 * microsPerToken) + 10) * Micro, estimate!.UpperBound);
    }

    [Theory]
    [InlineData("2026-10-05T11:00:00Z", 3000)]
    // The hour begins while the request may still run.
    [InlineData("2026-10-05T15:50:00Z", 12000)]
    [InlineData("2026-10-05T16:00:00Z", 12000)]
    public void Estimate_DearHours_CountFromWhenTheRequestMayRunIntoThem(string instant, int expectedMicros)
    {
        var now = DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture);

        var estimate = Estimate(new BillableRequest { Model = "a/hours", Prompt = Text(1000), MaxOutputTokens = 100 }, now);

        Assert.Equal(expectedMicros * Micro, estimate!.UpperBound);
    }

    [Fact]
    public void Estimate_SeveralModels_IsThatOfTheDearest()
    {
        var request = new BillableRequest { Model = "a/cheap:free", FallbackModels = ["a/plain", "a/thinker", "a/cheap:free"], Prompt = Text(1000), MaxOutputTokens = 100 };

        Assert.Equal(4500 * Micro, Estimate(request)!.UpperBound);
        Assert.Equal(3000 * Micro, Estimate(new BillableRequest { FallbackModels = ["a/plain"], Prompt = Text(1000), MaxOutputTokens = 100 })!.UpperBound);
    }

    [Theory]
    [InlineData("a/plain:floor")]
    [InlineData("a/plain:batch:floor")]
    [InlineData("a/plain-20261001")]
    [InlineData("~a/plain-latest")]
    public void Estimate_OtherNamesOfAModel_AreTheModel(string slug) =>
        Assert.Equal(3000 * Micro, Estimate(new BillableRequest { Model = slug, Prompt = Text(1000), MaxOutputTokens = 100 })!.UpperBound);

    [Theory]
    [InlineData("openrouter/auto")]
    [InlineData("a/nobody")]
    [InlineData("a/plain:thinking")]
    [InlineData("@preset/cheap")]
    [InlineData("a/plain@preset/cheap")]
    [InlineData("a/painter")]
    // Listed only as a free variant, which is not what this slug asks for.
    [InlineData("a/gift-1")]
    [InlineData("")]
    [InlineData(null)]
    public void Estimate_UnknownPrice_IsNone(string? slug)
    {
        Assert.Null(Estimate(new BillableRequest { Model = slug, Prompt = Text(1000), MaxOutputTokens = 100 }));
        Assert.False(Estimate(new BillableRequest { Model = "a/plain", FallbackModels = [slug!], Prompt = Text(1000), MaxOutputTokens = 100 })!.IsBounded);
    }

    [Fact]
    public void Estimate_PromptOfUnknownSize_IsNone() => Assert.Null(Estimate(new BillableRequest { Model = "a/plain" }));

    [Fact]
    public void Estimate_VariantWithItsOwnListing_HasItsOwnPrice() =>
        Assert.Equal(7 * Micro * 1001, Estimate(new BillableRequest { Model = "a/own:thinking", Prompt = Text(1000), MaxOutputTokens = 1 })!.UpperBound);

    [Fact]
    public void Estimate_PermanentSlugSharedWithAFreeVariant_IsThePaidModel() =>
        Assert.Equal(2010 * Micro, Estimate(new BillableRequest { Model = "a/cheap-1", Prompt = Text(1000), MaxOutputTokens = 1 })!.UpperBound);

    [Theory]
    [InlineData("a/plain", 1.0, 5.0, 1500)]
    [InlineData("a/plain", 9.0, 90.0, 3000)]
    // A router has no other price than the cap.
    [InlineData("openrouter/auto", 1.0, 5.0, 1500)]
    public void Estimate_PriceCap_IsABrake(string model, double promptMicros, double completionMicros, int expectedMicros)
    {
        var cap = new RequestPriceCap { Prompt = (decimal)promptMicros * Micro, Completion = (decimal)completionMicros * Micro };

        var estimate = Estimate(new BillableRequest { Model = model, Prompt = Text(1000), MaxOutputTokens = 100, PriceCap = cap });

        Assert.Equal(expectedMicros * Micro, estimate!.UpperBound);
    }

    [Theory]
    [InlineData("a/plain:online", null, null, null, null, 7_000)]
    [InlineData("a/searcher:online", null, null, null, null, 14_000)]
    [InlineData("a/plain", "web", null, null, null, 7_000)]
    [InlineData("a/plain", "web", "exa", 13, null, 10_000)]
    [InlineData("a/plain", "web", "parallel", 11, null, 6_000)]
    [InlineData("a/plain", "web", "perplexity", 50, null, 5_000)]
    [InlineData("a/searcher", "web", "firecrawl", null, null, 0)]
    [InlineData("a/searcher", "openrouter:web_search", null, null, 2, 28_000)]
    [InlineData("a/plain", "openrouter:web_search", null, null, null, 35_000)]
    [InlineData("a/plain", "openrouter:web_fetch", "exa", null, 4, 4_000)]
    [InlineData("a/plain", "openrouter:datetime", null, null, null, 0)]
    public void Estimate_AddOn_IsPricedAndNotTakenForABound(string model, string? addOn, string? engine, int? results, int? uses, int feeMicros)
    {
        var bare = Estimate(new BillableRequest { Model = model.Split(':')[0], Prompt = Text(1000), MaxOutputTokens = 100, PriceCap = new RequestPriceCap() })!;
        var request = new BillableRequest
        {
            Model = model,
            Prompt = Text(1000),
            MaxOutputTokens = 100,
            AddOns = addOn is null ? [] : [new RequestAddOn(addOn) { Engine = engine, MaxResults = results, MaxUses = uses }],
        };

        var estimate = Estimate(request)!;

        var searches = (model.EndsWith(":online", StringComparison.Ordinal) || addOn == "web" ? 1 : 0) + (addOn == "openrouter:web_search" ? uses ?? 5 : 0);
        Assert.Equal((feeMicros * Micro) + (searches * 8000 * 2 * Micro), estimate.UpperBound - bare.UpperBound);
        Assert.False(estimate.IsBounded);
        Assert.Null(estimate.AffordableOutputTokens(1000));
    }

    [Theory]
    // 1,000 tokens at 2 and 300 at 10 millionths, five times; and five times 300 tokens of advice at 2 for the model itself.
    [InlineData("openrouter:advisor", "a/plain", 300, null, null, 28_000)]
    [InlineData("openrouter:advisor", "~a/plain-latest", 300, 2, null, 11_200)]
    [InlineData("openrouter:subagent", "a/plain", 300, null, 1, 5_600)]
    // As long as the documentation's example, or as the model answers at most.
    [InlineData("openrouter:advisor", "a/plain", null, null, 1, 26_576)]
    [InlineData("openrouter:advisor", "a/short", null, null, 1, 6_596)]
    // Free advice is read all the same; so is that of a model whose price nobody knows.
    [InlineData("openrouter:advisor", "a/cheap:free", 300, null, 1, 600)]
    [InlineData("openrouter:advisor", "openrouter/auto", 300, null, 1, 600)]
    [InlineData("openrouter:advisor", "a/nobody", 300, null, 1, 600)]
    // Which model the request's own one chooses, nobody knows; and pictures have other prices.
    [InlineData("openrouter:advisor", null, 300, null, 1, 0)]
    [InlineData("openrouter:image_generation", "a/plain", 300, null, 1, 0)]
    public void Estimate_ToolWithAModelOfItsOwn_IsPricedByIt(string tool, string? model, int? cap, int? uses, int? toolCalls, int expectedMicros)
    {
        var bare = new BillableRequest { Model = "a/plain", Prompt = Text(1000), MaxOutputTokens = 100, MaxToolCalls = toolCalls };

        var estimate = Estimate(bare with { AddOns = [new RequestAddOn(tool) { Model = model, MaxOutputTokens = cap, MaxUses = uses }] })!;

        Assert.Equal(expectedMicros * Micro, estimate.UpperBound - Estimate(bare)!.UpperBound);
        Assert.False(estimate.IsBounded);
    }

    [Fact]
    public void Estimate_PriceCapOfTheRequest_IsNotReliedOnForAToolsModel()
    {
        var request = new BillableRequest { Model = "a/cheap:free", Prompt = Text(1000), PriceCap = new RequestPriceCap { Prompt = 0, Completion = 0 }, AddOns = [new RequestAddOn("openrouter:advisor") { Model = "a/plain", MaxOutputTokens = 300, MaxUses = 1 }] };

        Assert.Equal(5_000 * Micro, Estimate(request)!.UpperBound);
    }

    [Fact]
    public void Estimate_RecordedAdvisor_IsNotBelowWhatItDidCost()
    {
        var recording = Reference.Recordings().Single(recording => ((string?)recording["name"])!.Contains("advisor", StringComparison.Ordinal));

        var estimate = CostEstimator.Estimate(RequestOf(recording)!, new PriceList(ReadModels()), SafeTokenCounter.Instance, TimeSpan.Zero, Now)!;

        // The request's own model is the smaller part of it: 0.0001764 of 0.0160614.
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{estimate.UpperBound} for {UsageOf(recording)!.Value.Cost}"));
        Assert.InRange(estimate.UpperBound, UsageOf(recording)!.Value.Cost!.Value, 0.25m);
    }

    [Theory]
    [InlineData(null, 0.0022)]
    [InlineData("mistral-ocr", 0.0022)]
    [InlineData("cloudflare-ai", 0)]
    [InlineData("native", 0)]
    public void Estimate_File_IsParsedForMoneyUnlessTheEngineIsFree(string? engine, double fee)
    {
        var request = new BillableRequest
        {
            Model = "a/cheap:free",
            Prompt = Text(10),
            Files = 1,
            MediaBytes = 32_768,
            AddOns = engine is null ? [] : [new RequestAddOn("file-parser") { Engine = engine }],
        };

        Assert.Equal(2 * (decimal)fee, Estimate(request)!.UpperBound);
    }

    [Theory]
    [InlineData("priority", false)]
    [InlineData("fast", false)]
    [InlineData("scale", false)]
    [InlineData("flex", true)]
    [InlineData("default", true)]
    [InlineData("standard", true)]
    [InlineData("auto", true)]
    [InlineData(null, true)]
    public void Estimate_DearerServiceTier_HasNoBound(string? tier, bool isBounded) =>
        Assert.Equal(isBounded, Estimate(new BillableRequest { Model = "a/plain", Prompt = Text(10), ServiceTier = tier })!.IsBounded);

    [Fact]
    public void Estimate_ThingsWhoseSizeNobodyKnows_HaveNoBound()
    {
        var request = new BillableRequest { Model = "a/plain", Prompt = Text(10) };

        Assert.False(Estimate(request with { Images = 1 })!.IsBounded);
        Assert.False(Estimate(request with { Recordings = 1 })!.IsBounded);
        Assert.False(Estimate(request with { Model = "a/plain:nitro" })!.IsBounded);
        Assert.False(Estimate(request with { Model = "a/drawer" })!.IsBounded);
        Assert.False(Estimate(request with { HasPaidAddOns = true })!.IsBounded);
        Assert.True(Estimate(request with { AddOns = [new RequestAddOn("response-healing")] })!.IsBounded);
    }

    [Theory]
    [InlineData(0.001999, 0)]
    [InlineData(0.002, 0)]
    [InlineData(0.002009, 0)]
    [InlineData(0.00201, 1)]
    [InlineData(0.0025, 50)]
    [InlineData(1, 100)]
    [InlineData(-1, 0)]
    public void AffordableOutputTokens_Money_BuysWholeTokensAfterThePrompt(double money, long tokens)
    {
        var estimate = Estimate(new BillableRequest { Model = "a/plain", Prompt = Text(1000), MaxOutputTokens = 100 })!;

        Assert.Equal(tokens, estimate.AffordableOutputTokens((decimal)money));
        Assert.True(tokens == 0 || Estimate(new BillableRequest { Model = "a/plain", Prompt = Text(1000), MaxOutputTokens = tokens })!.UpperBound <= (decimal)money);
    }

    [Theory]
    [InlineData(1.99, 0)]
    // Once the prompt is paid, no answer is too long.
    [InlineData(2, null)]
    [InlineData(3, null)]
    public void AffordableOutputTokens_OutputThatCostsNothing_HasNoBoundAfterThePrompt(double money, int? tokens) =>
        Assert.Equal(tokens, Bound(2).AffordableOutputTokens((decimal)money));

    [Theory]
    [InlineData(true, 0.01, 0.01)]
    [InlineData(true, 0.09, 0.09)]
    [InlineData(false, 0.01, 0.05)]
    [InlineData(false, 0.09, 0.09)]
    public void ClaimOver_EstimateWithoutABound_ClaimsNoLessThanAnUnknownPrice(bool isBounded, double upperBound, double claim) =>
        Assert.Equal((decimal)claim, (Bound((decimal)upperBound) with { IsBounded = isBounded }).ClaimOver(0.05m));

    [Fact]
    public void Estimate_AbsurdNumbers_OverflowNothing()
    {
        var request = new BillableRequest { Model = "a/dear", Prompt = new PromptSize { Bytes = long.MaxValue / 4 }, MaxOutputTokens = long.MaxValue, Answers = int.MaxValue };

        var advisor = new RequestAddOn("openrouter:advisor") { Model = "a/plain", MaxUses = int.MaxValue, MaxOutputTokens = int.MaxValue };

        Assert.InRange(Estimate(request)!.UpperBound, 1, decimal.MaxValue);
        Assert.InRange(Estimate(request with { AddOns = [advisor, advisor, advisor, advisor] })!.UpperBound, 1, decimal.MaxValue);
    }

    [Fact]
    public async Task Estimate_RealModels_AllButRoutersHaveABound()
    {
        using var stub = new StubHandler().On("GET models", Reference.Json("openrouter-models.json").ToJsonString());
        var models = await BillingClientKit.Over(stub).Models.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
        var list = new PriceList(models);

        var unknown = models.Where(model => CostEstimator.Estimate(new BillableRequest { Model = model.Id, Prompt = Text(1000) }, list, PerByte, TimeSpan.Zero, Now) is null).Select(model => model.Id);

        Assert.Equal(["openrouter/auto", "openrouter/bodybuilder", "openrouter/fusion", "openrouter/pareto-code"], unknown.Order());
    }

    [Fact]
    public void ClaimOver_RecordedChats_IsNeverBelowWhatTheyDidCost()
    {
        var list = new PriceList(ReadModels());
        var compared = 0;
        foreach (var recording in Reference.Recordings())
        {
            if (RequestOf(recording) is not { } request || UsageOf(recording) is not { } usage)
            {
                continue;
            }

            if (CostEstimator.Estimate(request, list, SafeTokenCounter.Instance, TimeSpan.Zero, Now) is not { } estimate || usage.Cost is not { } cost)
            {
                continue;
            }

            compared++;
            var tokens = SafeTokenCounter.Instance.CountAtMost(request.Prompt!.Value, request.Model!);
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
                $"{(string?)recording["name"]}: {request.Model}: estimate {estimate.UpperBound:0.#########} for {cost} ({(cost == 0 ? 0 : estimate.UpperBound / cost):0.#} times), expected {estimate.Expected:0.#########}, bounded {estimate.IsBounded}, tokens {tokens} for {usage.PromptTokens} ({(decimal)tokens / usage.PromptTokens:0.##} times)"));
            var claim = estimate.ClaimOver(new BillingGuardOptions().PaidRequestClaim);
            Assert.True(claim >= cost, $"{(string?)recording["name"]}: {claim} is below {cost}.");
            Assert.True(!estimate.IsBounded || tokens >= usage.PromptTokens, $"{(string?)recording["name"]}: {tokens} tokens are fewer than {usage.PromptTokens}.");
        }

        Assert.True(compared >= 10, $"Only {compared} recordings could be compared.");
    }

    private static CostEstimate? Estimate(BillableRequest request, DateTimeOffset? now = null) =>
        CostEstimator.Estimate(request, new PriceList(Models()), PerByte, TimeSpan.FromMinutes(15), now ?? Now);

    private static CostEstimate Bound(decimal upperBound) => new()
    {
        UpperBound = upperBound,
        Expected = upperBound,
        IsBounded = true,
        PromptTokens = 1_000,
        OutputTokens = 100,
        CostWithoutOutput = upperBound,
        CostPerOutputToken = 0,
    };

    private static PromptSize Text(long bytes) => new() { Bytes = bytes, Messages = 1 };

    private static IReadOnlyList<ModelListing> Models()
    {
        static ModelPrices Prices(decimal prompt = 2, decimal completion = 10) => new() { Prompt = prompt * Micro, Completion = completion * Micro, AreKnown = true };
        return
        [
            new() { Id = "a/plain", CanonicalSlug = "a/plain-20261001", Prices = Prices(), ContextLength = 100_000, MaxOutputTokens = 5_000, OutputModalities = ["text"] },
            new() { Id = "~a/plain-latest", AliasTarget = "a/plain" },
            new() { Id = "a/thinker", Prices = Prices() with { CacheWrite = 2.5m * Micro, InternalReasoning = 15 * Micro, Request = 500 * Micro }, ContextLength = 100_000 },
            new() { Id = "a/short", Prices = Prices(1, 1) with { }, ContextLength = 1_500 },
            new() { Id = "a/long", Prices = Prices() with { Overrides = [new() { MinPromptTokens = 999, Prompt = 6 * Micro, Completion = 30 * Micro }] }, ContextLength = 100_000 },
            new() { Id = "a/hours", Prices = Prices() with { Overrides = [new() { UtcStart = new TimeOnly(16, 0), UtcEnd = new TimeOnly(20, 0), Prompt = 8 * Micro, Completion = 40 * Micro }] }, ContextLength = 100_000 },
            new() { Id = "a/hour", Prices = Prices() with { CacheWriteOneHour = 4 * Micro }, ContextLength = 100_000 },
            new() { Id = "a/markup", Prices = Prices() with { Discount = -0.25m }, ContextLength = 100_000 },
            new() { Id = "a/discount", Prices = Prices() with { Discount = 0.5m }, ContextLength = 100_000 },
            new() { Id = "a/searcher", Prices = Prices() with { WebSearch = 0.014m }, ContextLength = 100_000, MaxOutputTokens = 5_000 },
            new() { Id = "a/own", Prices = Prices(), ContextLength = 100_000 },
            new() { Id = "a/own:thinking", Prices = Prices(7, 7), ContextLength = 100_000 },
            new() { Id = "a/cheap:free", CanonicalSlug = "a/cheap-1", Prices = Prices(0, 0), ContextLength = 100_000 },
            new() { Id = "a/cheap", CanonicalSlug = "a/cheap-1", Prices = Prices(), ContextLength = 100_000 },
            new() { Id = "a/gift:free", CanonicalSlug = "a/gift-1", Prices = Prices(0, 0), ContextLength = 100_000 },
            new() { Id = "a/painter", Prices = Prices(), OutputModalities = ["image"] },
            new() { Id = "a/drawer", Prices = Prices(), ContextLength = 100_000, OutputModalities = ["image", "text"] },
            new() { Id = "a/dear", Prices = Prices(1_000_000_000_000, 1_000_000_000_000), ContextLength = 900_000_000 },
            new() { Id = "openrouter/auto", Prices = new ModelPrices(), ContextLength = 2_000_000 },
        ];
    }

    private static IReadOnlyList<ModelListing> ReadModels()
    {
        using var stub = new StubHandler().On("GET models", Reference.Json("openrouter-models.json").ToJsonString());
        return BillingClientKit.Over(stub).Models.ListAsync().GetAwaiter().GetResult();
    }

    private static BillableRequest? RequestOf(JsonNode recording) =>
        (string?)recording["request"]!["body"] is { } body ? RequestReader.Read(Encoding.UTF8.GetBytes(body), null) : null;

    // The last usage object of the answer, whole or streamed; none for an account's own provider key.
    private static (decimal? Cost, long PromptTokens)? UsageOf(JsonNode recording)
    {
        var body = (string?)recording["response"]!["body"] ?? string.Empty;
        var at = body.LastIndexOf("\"usage\":{", StringComparison.Ordinal);
        if (at < 0)
        {
            at = body.LastIndexOf("\"usage\": {", StringComparison.Ordinal);
        }

        if (at < 0)
        {
            return null;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(body[body.IndexOf('{', at)..]));
        var usage = JsonNode.Parse(ref reader)!;
        return (bool?)usage["is_byok"] == true ? null : ((decimal?)usage["cost"], (long?)(usage["prompt_tokens"] ?? usage["input_tokens"]) ?? 1);
    }

    private sealed class ByteCounter : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => prompt.Bytes;
    }
}
