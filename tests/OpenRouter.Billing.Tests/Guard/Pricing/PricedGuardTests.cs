using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>The guard with prices, beside a server that has the same ones.</summary>
public sealed class PricedGuardTests
{
    private const string ModelsRoute = "GET /models";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_ColdStartWithManyRequests_ReadsTheModelsOnceAndClaimsWhatTheyCost()
    {
        await using var world = await StartAsync(sandbox => sandbox.InitialCredits = 0.02m);
        var gate = world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Gate());

        var chats = Enumerable.Range(0, 50).Select(_ => world.ChatAsync()).ToArray();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        gate.Release();

        foreach (var chat in chats)
        {
            using var response = await chat;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((1, 1, 1), (world.Sandbox.Requests.Count(ModelsRoute), world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute), world.Sandbox.Requests.Count(GuardedSandbox.KeyRoute)));
    }

    [Fact]
    public async Task SendAsync_FreeModelsOnly_ReadsNoPrices()
    {
        await using var world = await StartAsync();

        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, world.Sandbox.Requests.Count(ModelsRoute));
    }

    [Fact]
    public async Task ReserveAsync_PricesGrowOld_AreReadAgainInTheBackgroundAndKeptWhenThatFails()
    {
        await using var world = await StartAsync();
        var request = Chat();
        var known = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;
        world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Answer(500, "{}"));

        await world.AdvanceAsync(world.Options.Guard.PriceRefreshAfter + TimeSpan.FromSeconds(1));
        var old = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;
        await BillingClientKit.UntilAsync(() => world.Sandbox.Requests.Count(ModelsRoute) == 2, "a second reading");
        var kept = (await world.Guard.EvaluateAsync(request, Cancellation)).Estimate;

        Assert.NotNull(known);
        Assert.Equal((known, known), (old, kept));
    }

    [Fact]
    public async Task ReserveAsync_PricesCannotBeRead_ClaimsTheFlatAmountAndSaysSoOnce()
    {
        var handler = new StubHandler()
            .On("GET key", TestData.KeyBody)
            .On("GET credits", TestData.CreditsBody)
            .On("GET models", () => StubHandler.Json("{}", HttpStatusCode.BadGateway));
        using var http = new HttpClient(handler);
        var logger = new RecordingLogger<BillingGuard>();
        var guard = new BillingGuard(http, TestData.Options(options => (options.Guard.Pricing, options.MaxRetries) = (PricingMode.Catalogue, 0)), new() { TimeProvider = new ManualTimeProvider(), Logger = logger });

        var first = await guard.ReserveAsync(Chat(), Cancellation);
        var second = await guard.ReserveAsync(Chat(), Cancellation);

        Assert.Equal((0.05m, 0.05m), (first.ClaimedCost, second.ClaimedCost));
        var entry = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "PricesUnavailable"), (entry.Level, entry.Event));
    }

    [Fact]
    public async Task ReserveAsync_PricesThatNeverCome_HoldUpTheFirstRequestsOnly()
    {
        await using var world = await StartAsync();
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.FreeModel }, Cancellation);
        var gate = world.Sandbox.Faults.Add(ModelsRoute, SandboxFault.Gate());
        var first = world.Guard.ReserveAsync(Chat(), Cancellation).AsTask();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        Assert.False(first.IsCompleted);

        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        var flat = await first;
        var next = await world.Guard.ReserveAsync(Chat(), Cancellation);
        gate.Release();
        await BillingClientKit.UntilAsync(() => world.Guard.EvaluateAsync(Chat(), Cancellation).AsTask().Result.Estimate is not null, "the prices");

        Assert.Equal((0.05m, 0.05m), (flat.ClaimedCost, next.ClaimedCost));
        Assert.Equal(1, world.Sandbox.Requests.Count(ModelsRoute));
    }

    [Fact]
    public async Task SendAsync_CapThatIsTooHigh_SaysWhichOneIsNot()
    {
        await using var world = await StartAsync(sandbox => sandbox.InitialCredits = 0.002m);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000)));
        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: (int)refusal.AffordableOutputTokens!.Value));

        Assert.InRange(refusal.AffordableOutputTokens.Value, 3_000, 3_333);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, world.Chats);
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: (int)refusal.AffordableOutputTokens.Value + 1)));
    }

    [Fact]
    public async Task SendAsync_SeveralLimits_AffordsWhatTheTightestDoes()
    {
        await using var world = await StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 0.001m });
        world.Sandbox.Account.AddBudget(new SandboxBudget { Scope = "workspace", Limit = 0.003m, ResetInterval = "daily" });
        var http = world.CreateClient(key.Secret);

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000), http));

        Assert.InRange(refusal.AffordableOutputTokens!.Value, 1_500, 1_666);
    }

    [Theory]
    [InlineData(UnreadableBehavior.Allow)]
    [InlineData(UnreadableBehavior.Refuse)]
    public async Task SendAsync_BodyThatNobodyCanRead_IsTreatedAsTheOptionsSay(UnreadableBehavior behavior)
    {
        await using var world = await StartAsync(options: options => (options.Guard.WhenUnreadable, options.Guard.MaxRequestBytes) = (behavior, 64));

        if (behavior == UnreadableBehavior.Refuse)
        {
            var refusal = await Assert.ThrowsAsync<RequestUnreadableException>(() => world.ChatAsync());
            Assert.Contains("MaxRequestBytes", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(0, world.Chats);
        }
        else
        {
            using var response = await world.ChatAsync();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(",\"plugins\":[{\"id\":\"web\"}]", "")]
    [InlineData("", ":online")]
    public async Task SendAsync_PaidAddOnOnAFreeModel_IsPricedOrRefusedAsTheOptionsSay(string extra, string variant)
    {
        await using var world = await StartAsync();
        var body = GuardedSandbox.ChatBody(GuardedSandbox.FreeModel + variant, extra: extra);

        using var priced = await world.ChatAsync(body);
        world.Options.Guard.RefusePaidAddOns = true;
        var refusal = await Assert.ThrowsAsync<PaidAddOnException>(() => world.ChatAsync(body));
        using var plain = await world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (priced.StatusCode, plain.StatusCode));
        Assert.Equal(BillingCause.PaidAddOn, refusal.Verdict.Cause);
        Assert.Equal(2, world.Chats);
    }

    [Fact]
    public async Task ReserveAsync_FreeQuotaUsedUp_SaysNothingAboutMoney()
    {
        await using var world = await StartAsync();
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedSandbox.ChatBody(GuardedSandbox.FreeModel)));

        Assert.Null(refusal.Verdict.AffordableOutputTokens);
    }

    private static Task<GuardedSandbox> StartAsync(Action<OpenRouterSandboxOptions>? sandbox = null, Action<OpenRouterBillingOptions>? options = null) =>
        GuardedSandbox.StartAsync(sandbox, configured =>
        {
            configured.Guard.Pricing = PricingMode.Catalogue;
            options?.Invoke(configured);
        });

    private static BillableRequest Chat() => new() { Model = GuardedSandbox.PaidModel, Prompt = PromptSize.Of("hello"), MaxOutputTokens = 16 };
}
