using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>A model whose other provider is dearer than the one that the list of models has prices of.</summary>
public sealed class EndpointPricesTests
{
    private const string Model = "lab/offered";
    private const string EndpointsRoute = "GET /models/lab/offered/endpoints";
    private const string ModelsRoute = "GET /models";
    private const decimal Micro = 0.000_001m;

    private static readonly BillableRequest Chat = new() { Model = Model, Prompt = PromptSize.Of("Say hello."), MaxOutputTokens = 1_000 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PricingMode.Catalogue, false)]
    [InlineData(PricingMode.DearestEndpoint, true)]
    public async Task ReserveAsync_DearerProvider_IsClaimedForOnlyWhenAskedFor(PricingMode mode, bool covers)
    {
        await using var world = await StartAsync(mode);

        var lease = await world.Guard.ReserveAsync(RequestReader.Read(System.Text.Encoding.UTF8.GetBytes(Body()), null), Cancellation);

        Assert.Equal(covers, lease.ClaimedCost >= world.Sandbox.Quote(Body()).MaximumCost);
        Assert.Equal(covers ? 1 : 0, world.Sandbox.Requests.Count(EndpointsRoute));
    }

    [Theory]
    [InlineData(PricingMode.Catalogue, false)]
    [InlineData(PricingMode.DearestEndpoint, true)]
    public async Task SendAsync_ManyAtOnceServedByTheDearest_StayWithinTheBalanceOnlyWhenAskedFor(PricingMode mode, bool isKept)
    {
        await using var world = await StartAsync(mode, sandbox => (sandbox.InitialCredits, sandbox.OutputTokens) = (0.05m, 1_000));
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.ChatRoute, SandboxFault.Gate());

        var chats = Enumerable.Range(0, 40).Select(_ => Task.Run(() => world.ChatAsync(Body()))).ToArray();
        await BillingClientKit.UntilAsync(() => chats.Count(chat => chat.IsFaulted) + gate.Held == chats.Length, "all decisions");
        gate.Release();
        foreach (var chat in chats.Where(chat => !chat.IsFaulted))
        {
            (await chat).Dispose();
        }

        Assert.True(world.Chats > 1);
        Assert.Equal(isKept, world.Sandbox.Account.LowestBalance >= 0);
        Assert.All(chats.Where(chat => chat.IsFaulted), chat => Assert.IsType<InsufficientCreditsException>(chat.Exception!.InnerException));
    }

    [Fact]
    public async Task EvaluateAsync_DearestEndpoint_CountsItsPricesAndKeepsTheUsualExpectation()
    {
        await using var listed = await StartAsync(PricingMode.Catalogue);
        await using var world = await StartAsync();

        var usual = (await listed.Guard.EvaluateAsync(Chat, Cancellation)).Estimate!;
        var dearest = (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate!;

        // Five times as dear, and 500 millionths for the request.
        Assert.Equal((usual.UpperBound * 5) + (500 * Micro), dearest.UpperBound);
        Assert.Equal(usual.CostPerOutputToken * 5, dearest.CostPerOutputToken);
        Assert.Equal(usual.Expected, dearest.Expected);
        Assert.True(dearest.IsBounded);
    }

    [Fact]
    public async Task EvaluateAsync_NoOutputCap_TakesTheLongestAnswerOfAnyEndpoint()
    {
        await using var world = await StartAsync();

        var estimate = (await world.Guard.EvaluateAsync(Chat with { MaxOutputTokens = null }, Cancellation)).Estimate!;

        Assert.Equal(20_000, estimate.OutputTokens);
    }

    [Fact]
    public async Task EvaluateAsync_PriceCap_IsABrakeAsEver()
    {
        await using var world = await StartAsync();
        var cap = new RequestPriceCap { Prompt = 2 * Micro, Completion = 2 * Micro, Request = 0 };

        var estimate = (await world.Guard.EvaluateAsync(Chat with { PriceCap = cap }, Cancellation)).Estimate!;

        Assert.Equal(2 * Micro * (estimate.PromptTokens + 1_000), estimate.UpperBound);
    }

    [Fact]
    public async Task EvaluateAsync_SeveralModels_AreAllReadAtOnce()
    {
        await using var world = await StartAsync();
        var gate = world.Sandbox.Faults.Add("*", SandboxFault.Gate(), when: request => request.Path.EndsWith("/endpoints", StringComparison.Ordinal));

        var asked = world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.FreeModel, FallbackModels = [GuardedSandbox.PaidModel, Model + ":floor", Model, "openrouter/auto", "@preset/x", "no/body"], Prompt = Chat.Prompt }, Cancellation).AsTask();
        await gate.WaitUntilHeldAsync(2, Cancellation);
        gate.Release();

        Assert.False((await asked).Estimate!.IsBounded);
        Assert.Equal(2, gate.Hits);
    }

    [Fact]
    public async Task EvaluateAsync_ModelOfATool_CostsAsMuchAsAtItsDearestEndpointToo()
    {
        await using var listed = await StartAsync(PricingMode.Catalogue);
        await using var world = await StartAsync();
        var request = Chat with { Model = GuardedSandbox.PaidModel, AddOns = [new RequestAddOn("openrouter:advisor") { Model = Model, MaxUses = 1 }], HasPaidAddOns = true };

        var usual = (await listed.Guard.EvaluateAsync(request, Cancellation)).Estimate!;
        var dearest = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate!;

        var tokens = SafeTokenCounter.Instance.CountAtMost(Chat.Prompt!.Value, Model) + 2_048;
        Assert.Equal((4 * Micro * tokens) + (500 * Micro), dearest.UpperBound - usual.UpperBound);
    }

    [Fact]
    public async Task SendAsync_ColdStartWithManyRequests_ReadsTheEndpointsOnce()
    {
        await using var world = await StartAsync();
        var gate = world.Sandbox.Faults.Add(EndpointsRoute, SandboxFault.Gate());

        var asked = Enumerable.Range(0, 50).Select(_ => world.Guard.EvaluateAsync(Chat, Cancellation).AsTask()).ToArray();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        gate.Release();

        Assert.Single((await Task.WhenAll(asked)).Select(decision => decision.Estimate!.UpperBound).Distinct());
        Assert.Equal((1, 1), (world.Sandbox.Requests.Count(ModelsRoute), world.Sandbox.Requests.Count(EndpointsRoute)));
    }

    [Theory]
    [InlineData(GuardedSandbox.FreeModel)]
    [InlineData("openrouter/auto")]
    [InlineData("nobody/knows")]
    [InlineData("@preset/cheap")]
    public async Task EvaluateAsync_ModelWithoutAListedPrice_AsksForNoEndpoints(string model)
    {
        await using var world = await StartAsync();

        await world.Guard.EvaluateAsync(Chat with { Model = model }, Cancellation);

        Assert.DoesNotContain(world.Sandbox.Requests.Latest, request => request.Path.EndsWith("/endpoints", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EvaluateAsync_EndpointsGrowOld_AreReadAgainInTheBackgroundAndKeptWhenThatFails()
    {
        await using var world = await StartAsync();
        var known = (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate;
        world.Sandbox.Faults.Add(EndpointsRoute, SandboxFault.Answer(500, "{}"));

        await world.AdvanceAsync(world.Options.Guard.PriceRefreshAfter + TimeSpan.FromSeconds(1));
        var old = (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate;
        await BillingClientKit.UntilAsync(() => world.Sandbox.Requests.Count(EndpointsRoute) == 2, "a second reading");
        var kept = (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate;

        Assert.NotNull(known);
        Assert.Equal((known, known), (old, kept));
    }

    [Fact]
    public async Task EvaluateAsync_EndpointsThatNeverCome_HoldUpTheFirstRequestOnlyAndCostWhatIsListed()
    {
        await using var world = await StartAsync();
        await world.Guard.EvaluateAsync(Chat with { Model = GuardedSandbox.PaidModel }, Cancellation);
        var gate = world.Sandbox.Faults.Add(EndpointsRoute, SandboxFault.Gate());
        var first = world.Guard.EvaluateAsync(Chat, Cancellation).AsTask();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        Assert.False(first.IsCompleted);

        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        var listed = (await first).Estimate!.CostPerOutputToken;
        var next = (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate!.CostPerOutputToken;
        gate.Release();
        await BillingClientKit.UntilAsync(() => world.Guard.EvaluateAsync(Chat, Cancellation).AsTask().Result.Estimate!.CostPerOutputToken == 5 * Micro, "the endpoints");

        Assert.Equal((Micro, Micro), (listed, next));
        Assert.Equal(1, world.Sandbox.Requests.Count(EndpointsRoute));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadGateway, """{"error":{"code":502,"message":"Bad gateway"}}""", false)]
    // A proxy's page says nothing about the model.
    [InlineData(HttpStatusCode.NotFound, "<html></html>", false)]
    [InlineData(HttpStatusCode.NotFound, """{"error":{"code":404,"message":"Resource not found"}}""", true)]
    [InlineData(HttpStatusCode.OK, """{"data":{"endpoints":[]}}""", true)]
    public async Task EvaluateAsync_NoEndpoints_CostsWhatIsListedAndIsSaidOnce(HttpStatusCode status, string body, bool isKnown)
    {
        using var server = Server().On("GET models/a/b/endpoints", () => StubHandler.Json(body, status));
        var clock = new ManualTimeProvider();
        var logger = new RecordingLogger<BillingGuard>();
        var guard = GuardOver(server, clock, logger);
        var request = Chat with { Model = "a/b" };

        var first = (await guard.EvaluateAsync(request, Cancellation)).Estimate!;
        var entry = Assert.Single(logger.Entries);
        clock.Advance(TimeSpan.FromMinutes(2));
        await guard.EvaluateAsync(request, Cancellation);
        await BillingClientKit.UntilAsync(() => isKnown || server.Count("GET models/a/b/endpoints") == 2, "another try");

        Assert.Equal((2 * Micro, true), (first.CostPerOutputToken, first.IsBounded));
        Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "EndpointsUnavailable"), (entry.Level, entry.Event));
        Assert.Contains("a/b", entry.Text, StringComparison.Ordinal);
        Assert.Equal(isKnown ? 1 : 2, server.Count("GET models/a/b/endpoints"));
    }

    [Fact]
    public async Task EvaluateAsync_EndpointsAreKnown_NothingIsSaid()
    {
        using var server = Server().On("GET models/a/b/endpoints", """{"data":{"endpoints":[{"pricing":{"prompt":"0","completion":"0.000003"}}]}}""");
        var logger = new RecordingLogger<BillingGuard>();

        var estimate = (await GuardOver(server, logger: logger).EvaluateAsync(Chat with { Model = "a/b" }, Cancellation)).Estimate!;

        Assert.Equal(3 * Micro, estimate.CostPerOutputToken);
        Assert.Empty(logger.Entries);
    }

    [Fact]
    public async Task EvaluateAsync_ModelOfAToolWhoseEndpointsCannotBeRead_CostsWhatIsListed()
    {
        using var server = Server().On("GET models/a/b/endpoints", () => StubHandler.Json("{}", HttpStatusCode.BadGateway));
        var request = Chat with { Model = "a/b", MaxOutputTokens = 0, AddOns = [new RequestAddOn("openrouter:advisor") { Model = "a/b", MaxUses = 3, MaxOutputTokens = 100 }], HasPaidAddOns = true };

        var estimate = (await GuardOver(server).EvaluateAsync(request, Cancellation)).Estimate!;

        // Three times 100 tokens of advice at 2 millionths; prompts cost nothing.
        Assert.Equal(600 * Micro, estimate.UpperBound);
    }

    [Theory]
    // A price that depends on the size of the prompt.
    [InlineData("""{"pricing":{"prompt":"0","completion":"0.000001","overrides":[{"min_prompt_tokens":1,"completion":"0.000007"}]}}""", 7, true)]
    // A provider that does not say what it takes.
    [InlineData("""{"pricing":{"prompt":"0","completion":"-1"}}""", 2, false)]
    [InlineData("""{"provider_name":"Silent"}""", 2, false)]
    // A markup, and one that nobody can rely on.
    [InlineData("""{"pricing":{"prompt":"0","completion":"0.000004","discount":-0.5}}""", 6, true)]
    [InlineData("""{"pricing":{"prompt":"0","completion":"0.000004","discount":0.5}}""", 4, true)]
    // One that is not well may be chosen all the same, and one that is cheaper takes nothing off.
    [InlineData("""{"status":-10,"pricing":{"prompt":"0","completion":"0.000003"}}""", 3, true)]
    [InlineData("""{"pricing":{"prompt":"0","completion":"0"}}""", 2, true)]
    public async Task EvaluateAsync_Endpoint_CountsWithAllThatItsPriceDependsOn(string endpoint, int microsPerToken, bool isBounded)
    {
        using var server = Server().On("GET models/a/b/endpoints", $$$"""{"data":{"endpoints":[{"pricing":{"prompt":"0","completion":"0.000001"}},{{{endpoint}}}]}}""");

        var estimate = (await GuardOver(server).EvaluateAsync(Chat with { Model = "a/b" }, Cancellation)).Estimate!;

        Assert.Equal((microsPerToken * Micro, isBounded), (estimate.CostPerOutputToken, estimate.IsBounded));
    }

    [Theory]
    [InlineData("""["temperature"]""", 900)]
    [InlineData("""["temperature","max_tokens"]""", 10)]
    [InlineData("""["max_completion_tokens"]""", 10)]
    [InlineData("[]", 10)]
    public async Task EvaluateAsync_EndpointThatStopsAtNoCap_IsTakenToAnswerAsLongAsItCan(string parameters, long tokens)
    {
        using var server = Server().On("GET models/a/b/endpoints", $$$"""{"data":{"endpoints":[{"max_completion_tokens":900,"supported_parameters":{{{parameters}}},"pricing":{"prompt":"0","completion":"0.000002"}}]}}""");

        var estimate = (await GuardOver(server).EvaluateAsync(Chat with { Model = "a/b", MaxOutputTokens = 10 }, Cancellation)).Estimate!;

        Assert.Equal((tokens, tokens * 2 * Micro), (estimate.OutputTokens, estimate.UpperBound));
    }

    [Fact]
    public async Task EvaluateAsync_MoreModelsThanAreKept_ForgetsThoseThatNobodyAskedForLongest()
    {
        const int Models = 300;
        using var server = ServerOf(Models);
        var clock = new ManualTimeProvider();
        var guard = GuardOver(server, clock);
        for (var index = 0; index < Models; index++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await guard.EvaluateAsync(Chat with { Model = $"m/{index}", FallbackModels = ["m/0"] }, Cancellation);
        }

        await guard.EvaluateAsync(Chat with { Model = "m/299" }, Cancellation);
        await guard.EvaluateAsync(Chat with { Model = "m/1" }, Cancellation);

        Assert.Equal((1, 2, 1), (AskedFor(server, 0), AskedFor(server, 1), AskedFor(server, 299)));
    }

    [Fact]
    public async Task EvaluateAsync_AsManyModelsAsAreKept_ForgetsSomeForAnotherOneOnly()
    {
        const int Kept = 256;
        using var server = ServerOf(Kept + 1);
        var clock = new ManualTimeProvider();
        var guard = GuardOver(server, clock);
        async Task AskAsync(int index)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await guard.EvaluateAsync(Chat with { Model = $"m/{index}" }, Cancellation);
        }

        for (var index = 0; index < Kept; index++)
        {
            await AskAsync(index);
        }

        await AskAsync(Kept - 1);
        await AskAsync(0);
        Assert.Equal((1, 1), (AskedFor(server, Kept - 1), AskedFor(server, 0)));

        await AskAsync(Kept);
        await AskAsync(1);
        Assert.Equal(2, AskedFor(server, 1));
    }

    [Fact]
    public async Task EvaluateAsync_ModeChangedWhileRunning_CountsFromTheNextRequest()
    {
        await using var world = await StartAsync();
        async Task<decimal> PriceAsync(PricingMode mode)
        {
            world.Options.Guard.Pricing = mode;
            return (await world.Guard.EvaluateAsync(Chat, Cancellation)).Estimate!.CostPerOutputToken;
        }

        Assert.Equal(5 * Micro, await PriceAsync(PricingMode.DearestEndpoint));
        Assert.Equal(Micro, await PriceAsync(PricingMode.Catalogue));
        Assert.Equal(5 * Micro, await PriceAsync(PricingMode.DearestEndpoint));
    }

    private static Task<GuardedSandbox> StartAsync(PricingMode mode = PricingMode.DearestEndpoint, Action<OpenRouterSandboxOptions>? sandbox = null) =>
        GuardedSandbox.StartAsync(
            configured =>
            {
                configured.ServeByDearestProvider = true;
                configured.Models.Add(new SandboxModel
                {
                    Id = Model,
                    PromptPrice = Micro,
                    CompletionPrice = Micro,
                    ContextLength = 30_000,
                    MaxCompletionTokens = 4_000,
                    OtherProviders =
                    [
                        new() { Name = "Dear", PromptPrice = 5 * Micro, CompletionPrice = 5 * Micro, RequestPrice = 500 * Micro },
                        new() { Name = "Long", PromptPrice = Micro, CompletionPrice = Micro, MaxCompletionTokens = 20_000 },
                    ],
                });
                sandbox?.Invoke(configured);
            },
            options => options.Guard.Pricing = mode);

    private static string Body() => GuardedSandbox.ChatBody(Model, maxTokens: 1_000);

    private static StubHandler Server() => new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody)
        .On("GET models", """{"data":[{"id":"a/b","context_length":8000,"pricing":{"prompt":"0","completion":"0.000002"}}]}""");

    private static StubHandler ServerOf(int models)
    {
        var list = string.Join(',', Enumerable.Range(0, models).Select(index => $$$"""{"id":"m/{{{index}}}","context_length":8000,"pricing":{"prompt":"0","completion":"0.000002"}}"""));
        var server = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody).On("GET models", $$"""{"data":[{{list}}]}""");
        for (var index = 0; index < models; index++)
        {
            server.On($"GET models/m/{index}/endpoints", """{"data":{"endpoints":[{"pricing":{"prompt":"0","completion":"0.000003"}}]}}""");
        }

        return server;
    }

    private static int AskedFor(StubHandler server, int model) => server.Count($"GET models/m/{model}/endpoints");

    private static BillingGuard GuardOver(StubHandler server, TimeProvider? clock = null, RecordingLogger<BillingGuard>? logger = null) => new(
        new HttpClient(server, disposeHandler: false),
        TestData.Options(options => (options.Guard.Pricing, options.MaxRetries) = (PricingMode.DearestEndpoint, 0)),
        new() { TimeProvider = clock ?? new ManualTimeProvider(), Logger = logger });
}
