using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>Which requests need prices, and what becomes of an estimate that fails.</summary>
public sealed class RequestPricingTests
{
    private static readonly BillableRequest Paid = new() { Model = "a/b", Prompt = PromptSize.Of("Say hello."), MaxOutputTokens = 100 };
    private static readonly BillableRequest Free = Paid with { Model = "a/b:free" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryGetFresh_PaidRequest_NeedsTheListAndFreeOneNone()
    {
        var world = new World();

        Assert.False(world.Pricing.TryGetFresh(Paid, world.Options, world.Now, out _));
        var list = await world.Pricing.GetPricesAsync(Paid, world.Options, Cancellation);

        Assert.NotNull(list);
        Assert.True(world.Pricing.TryGetFresh(Paid, world.Options, world.Now, out var ofPaid));
        Assert.Same(list, ofPaid);
        Assert.True(world.Pricing.TryGetFresh(Free, world.Options, world.Now, out var ofFree));
        Assert.Null(ofFree);
    }

    [Fact]
    public async Task Peek_FlatPricing_EstimatesNothingThoughPricesAreKnown()
    {
        var world = new World();
        await world.Pricing.GetPricesAsync(Paid, world.Options, Cancellation);

        // 100 tokens of output at 2 millionths.
        Assert.Equal(0.0002m, world.Pricing.Peek(Paid, world.Options.Guard, world.Now.Utc)?.UpperBound);
        world.Options.Guard.Pricing = PricingMode.Flat;
        Assert.Null(world.Pricing.Peek(Paid, world.Options.Guard, world.Now.Utc));
    }

    [Fact]
    public async Task Estimate_CounterThatThrows_IsToldAndGivenAsTheFault()
    {
        var failure = new InvalidOperationException("This tokenizer is out of order.");
        var world = new World(new BrokenCounter(failure));
        var list = await world.Pricing.GetPricesAsync(Paid, world.Options, Cancellation);

        var estimate = world.Pricing.Estimate(Paid, list, world.Options.Guard, world.Now.Utc, out var fault);

        Assert.Null(estimate);
        Assert.Same(failure, fault);
        var entry = Assert.Single(world.Logger.Entries);
        Assert.Equal((LogLevel.Error, "DecisionFailed"), (entry.Level, entry.Event));
    }

    private sealed class World
    {
        private readonly ManualTimeProvider _clock = new();

        public World(ITokenCounter? counter = null)
        {
            var server = new StubHandler().On("GET models", """{"data":[{"id":"a/b","context_length":8000,"pricing":{"prompt":"0","completion":"0.000002"}}]}""");
            var catalogue = new ModelCatalogue(() => new HttpClient(server), () => Options, new GuardTelemetry(_clock, Logger, new GuardMeter(null)));
            Pricing = new RequestPricing(catalogue, counter, Logger);
        }

        public OpenRouterBillingOptions Options { get; } = TestData.Options(options => options.Guard.Pricing = PricingMode.Catalogue);

        public RecordingLogger<BillingGuard> Logger { get; } = new();

        public RequestPricing Pricing { get; }

        public Instant Now => Instant.Now(_clock);
    }

    private sealed class BrokenCounter(Exception failure) : ITokenCounter
    {
        public long CountAtMost(PromptSize prompt, string model) => throw failure;
    }
}
