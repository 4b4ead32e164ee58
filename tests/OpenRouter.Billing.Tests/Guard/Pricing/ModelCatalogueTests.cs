using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>The list of prices: what it asks for, how long it waits, and what serves when nobody answers.</summary>
public sealed class ModelCatalogueTests
{
    private const string Endpoints = "GET models/a/b/endpoints";
    private const string List = """{"data":[{"id":"a/b","context_length":8000,"pricing":{"prompt":"0","completion":"0.000002"}}]}""";
    private const string OneEndpoint = """{"data":{"endpoints":[{"pricing":{"prompt":"0","completion":"0.000003"}}]}}""";

    private static readonly BillableRequest Chat = new() { Model = "a/b", Prompt = PromptSize.Of("Say hello.") };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_FirstRequest_AsksForTheModelsThatArePricedByTokens()
    {
        using var server = new StubHandler().On("GET models", List);
        var options = Options(PricingMode.Catalogue);

        await CatalogueOver(server, options).GetAsync(Chat, options, Cancellation);

        Assert.Equal("GET models?output_modalities=text,embeddings", Assert.Single(server.Requests).Call);
    }

    [Fact]
    public async Task GetFresh_ListWasRead_IsThatListWhileItIsAllThatIsWanted()
    {
        using var server = new StubHandler().On("GET models", List);
        var options = Options(PricingMode.Catalogue);
        var clock = new ManualTimeProvider();
        var catalogue = CatalogueOver(server, options, clock);

        Assert.Null(catalogue.GetFresh(options, Instant.Now(clock)));
        var list = await catalogue.GetAsync(Chat, options, Cancellation);

        Assert.NotNull(list);
        Assert.Same(list, catalogue.GetFresh(options, Instant.Now(clock)));
        Assert.Null(catalogue.GetFresh(Options(PricingMode.DearestEndpoint), Instant.Now(clock)));
    }

    [Fact]
    public async Task GetFresh_PricesComeAfterAFailure_AreThereForEveryoneAgain()
    {
        var status = HttpStatusCode.BadGateway;
        using var server = new StubHandler().On("GET models", () => StubHandler.Json(List, status));
        var options = Options(PricingMode.Catalogue);
        var clock = new ManualTimeProvider();
        var logger = new RecordingLogger<BillingGuard>();
        var catalogue = CatalogueOver(server, options, clock, logger);

        Assert.Null(await catalogue.GetAsync(Chat, options, Cancellation));
        Assert.Equal("PricesUnavailable", Assert.Single(logger.Entries).Event);
        status = HttpStatusCode.OK;
        clock.Advance(TimeSpan.FromSeconds(2));
        await catalogue.GetAsync(Chat, options, Cancellation);
        await BillingClientKit.UntilAsync(() => catalogue.Peek() is not null, "the prices");
        var list = await catalogue.GetAsync(Chat, options, Cancellation);

        Assert.NotNull(list);
        Assert.Same(list, catalogue.GetFresh(options, Instant.Now(clock)));
    }

    [Fact]
    public async Task GetAsync_WallClockWasSetAndNobodyAnswers_OldPricesServe()
    {
        var status = HttpStatusCode.OK;
        using var server = new StubHandler().On("GET models", () => StubHandler.Json(List, status));
        var options = Options(PricingMode.Catalogue);
        var clock = new ManualTimeProvider();
        var catalogue = CatalogueOver(server, options, clock);
        var list = await catalogue.GetAsync(Chat, options, Cancellation);

        status = HttpStatusCode.BadGateway;
        clock.SetWallClock(TimeSpan.FromHours(1));
        var kept = await catalogue.GetAsync(Chat, options, Cancellation);

        Assert.NotNull(list);
        Assert.Same(list, kept);
        Assert.Equal(2, server.Count("GET models"));
    }

    [Fact]
    public async Task GetAsync_EndpointsNoLongerWanted_AreForgotten()
    {
        using var server = new StubHandler().On("GET models", List).On(Endpoints, OneEndpoint);
        var options = Options(PricingMode.DearestEndpoint);
        var catalogue = CatalogueOver(server, options);
        var list = (await catalogue.GetAsync(Chat, options, Cancellation))!;
        Assert.Single(list.EndpointsOf(list.Find("a/b")!));

        options.Guard.Pricing = PricingMode.Catalogue;
        await catalogue.GetAsync(Chat, options, Cancellation);

        Assert.Empty(list.EndpointsOf(list.Find("a/b")!));
    }

    [Fact]
    public async Task GetAsync_SlowListAndSlowEndpoints_TogetherTakeNoLongerThanOneMay()
    {
        var models = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var endpoints = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var server = new StubHandler().On("GET models", (_, _) => models.Task).On(Endpoints, (_, _) => endpoints.Task);
        var options = Options(PricingMode.DearestEndpoint);
        var clock = new ManualTimeProvider();
        var left = TimeSpan.FromSeconds(1);

        var asked = CatalogueOver(server, options, clock).GetAsync(Chat, options, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => clock.PendingWaits.Contains(options.Guard.ReadingTimeout), "the list");
        clock.Advance(options.Guard.ReadingTimeout - left);
        models.SetResult(StubHandler.Json(List));
        // Besides the caller's patience, the question has three bounds: of the attempt, of the call and of what serves everyone.
        await BillingClientKit.UntilAsync(() => server.Count(Endpoints) == 1 && clock.PendingWaits is [var patience, _, _, _] && patience == left, "the rest of the patience");
        Assert.False(asked.IsCompleted);
        clock.Advance(left);
        var list = await asked.WaitAsync(BillingClientKit.Patience, Cancellation);
        endpoints.SetResult(StubHandler.Json(OneEndpoint));

        Assert.NotNull(list);
    }

    [Fact]
    public async Task GetAsync_ListTookMoreThanThePatience_IsGivenWithoutWaitingForEndpoints()
    {
        var options = Options(PricingMode.DearestEndpoint);
        var clock = new JumpingClock();
        using var server = new StubHandler().On(Endpoints, OneEndpoint).On("GET models", () =>
        {
            clock.Jump(options.Guard.ReadingTimeout + TimeSpan.FromSeconds(1));
            return StubHandler.Json(List);
        });

        var list = await CatalogueOver(server, options, clock).GetAsync(Chat, options, Cancellation);

        Assert.NotNull(list);
    }

    private static OpenRouterBillingOptions Options(PricingMode mode) => TestData.Options(options => (options.Guard.Pricing, options.MaxRetries) = (mode, 0));

    private static ModelCatalogue CatalogueOver(StubHandler server, OpenRouterBillingOptions options, TimeProvider? clock = null, ILogger? logger = null) => new(
        () => new HttpClient(server, disposeHandler: false),
        () => options,
        new GuardTelemetry(clock ?? new ManualTimeProvider(), logger ?? new RecordingLogger<BillingGuard>(), new GuardMeter(null)));

    /// <summary>The system's clock, whose steady part jumps ahead of the timers, as it does for a process that was held up.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        private long _ahead;

        public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks * TimestampFrequency / TimeSpan.TicksPerSecond);

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
    }
}
