using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>Enforce, observe, off: what each does, and that it can be changed while the app runs.</summary>
public sealed class BillingGuardModeTests
{
    private const string Empty = """{"data":{"total_credits":10,"total_usage":10}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_Observing_RefusesNothingAndSaysWhatItWouldRefuse()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Observe) { CreditsBody = Empty };

        using var response = await world.ChatAsync();

        Assert.Equal(1, world.Chats);
        var said = Assert.Single(world.Log.Entries, entry => entry.Event == "RequestObserved");
        Assert.Contains("AccountCredits", said.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Log.Entries, entry => entry.Event == "RequestRefused");
    }

    [Fact]
    public async Task Reserve_Observing_HandsTheRefusalOutAndHoldsAllTheSame()
    {
        using var world = new GuardedStub(options =>
        {
            options.Guard.Mode = BillingGuardMode.Observe;
            options.Guard.Budgets.Add(new() { Limit = 0.01m });
        });

        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        var held = await BudgetAsync(world);
        await lease.SettleAsync(0.02m, Cancellation);
        var booked = await BudgetAsync(world);

        Assert.Equal(BillingCause.AppBudget, lease.Refusal?.Cause);
        Assert.Equal(0.05m, lease.ClaimedCost);
        Assert.Equal((0.05m, 0m), (held.Held, held.Used));
        Assert.Equal((0m, 0.02m), (booked.Held, booked.Used));
    }

    [Fact]
    public async Task Evaluate_Observing_StillTellsTheTruth()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Observe) { CreditsBody = Empty };

        Assert.False((await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task Send_ObservingAServerRefusal_ReturnsItAndLearns()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Observe);
        world.Answer = () => StubHandler.Json("""{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits"}}""", HttpStatusCode.PaymentRequired);

        using var first = await world.ChatAsync();
        using var second = await world.ChatAsync();

        Assert.Equal(HttpStatusCode.PaymentRequired, first.StatusCode);
        Assert.Equal(2, world.Chats);
        Assert.Equal(BillingVerdictOrigin.Remembered, (await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).Refusal?.Origin);
    }

    [Fact]
    public async Task Send_ObservingWithoutFiguresOrLedger_StillSends()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Observe, over: _ => new ThrowingLedger());

        using var response = await world.ChatAsync();
        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid with { ApiKey = "not a key" }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(BillingCause.Authentication, lease.Refusal?.Cause);
        Assert.Contains(world.Log.Entries, entry => entry.Event == "DecisionFailed");
    }

    [Fact]
    public async Task Send_ObservingABodyThatIsTooDear_LeavesItsCapAlone()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options =>
        {
            options.Guard.Pricing = PricingMode.Catalogue;
            (options.Guard.Mode, options.Guard.LowerOutputCap, options.Guard.MaxRequestCost) = (BillingGuardMode.Observe, true, 0.0001m);
        });
        var request = new BillableRequest { Model = GuardedSandbox.PaidModel, Prompt = new PromptSize { Bytes = 40 }, MaxOutputTokens = 10_000, MayLowerOutputCap = true };

        var lease = await world.Guard.ReserveAsync(request, Cancellation);

        Assert.Null(lease.OutputCap);
        Assert.Equal(BillingCause.RequestCost, lease.Refusal?.Cause);
    }

    [Fact]
    public async Task Send_Off_AsksNothingAndBooksNothing()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Off) { CreditsBody = Empty };

        using var response = await world.ChatAsync();
        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        var decision = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.Equal(0, lease.ClaimedCost);
        Assert.Equal(1, world.Chats);
        Assert.Equal(0, world.Stub.Count("GET credits") + world.Stub.Count("GET key"));
    }

    [Theory]
    [InlineData(BillingGuardMode.Observe, BillingGuardMode.Enforce)]
    [InlineData(BillingGuardMode.Enforce, BillingGuardMode.Observe)]
    public async Task Reserve_ModeChangesWhileItDecides_EndsAsItBegan(BillingGuardMode before, BillingGuardMode after)
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 0.01m }));
        using var http = new HttpClient(world.Stub, disposeHandler: false);
        var guard = new BillingGuard(http, world.Options, new() { TimeProvider = world.Clock, Ledger = world.Ledger, Policies = [new ModeSwitch(world.Options.Guard, after)] });
        world.Options.Guard.Mode = before;

        var refused = await Record.ExceptionAsync(async () => await guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Equal(before == BillingGuardMode.Enforce, refused is BudgetExceededException);
        Assert.Equal(before == BillingGuardMode.Enforce ? 0 : 0.05m, (await BudgetAsync(world)).Held);
    }

    [Fact]
    public async Task Send_ModeChangedInConfiguration_FollowsWithTheNextRequest()
    {
        using var stub = new StubHandler().On("GET key", () => StubHandler.Json(TestData.KeyBody)).On("GET credits", () => StubHandler.Json(Empty)).On(GuardedStub.Chat, GuardedStub.Success);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("B:ApiKey", TestData.ApiKey), new("B:ManagementKey", TestData.ManagementKey), new("B:Guard:Mode", "Off"), new("B:Guard:Pricing", "Flat")])
            .Build();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(configuration.GetSection("B")).HttpClient.ConfigurePrimaryHttpMessageHandler(() => stub);
        services.AddHttpClient("openrouter", http => http.BaseAddress = new Uri("https://openrouter.ai/api/v1/")).AddOpenRouterBillingGuard().ConfigurePrimaryHttpMessageHandler(() => stub);
        await using var provider = services.BuildServiceProvider();
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
        (await http.SendAsync(GuardedStub.Request(), Cancellation)).Dispose();

        Set("Enforce");
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => http.SendAsync(GuardedStub.Request(), Cancellation));
        Set("Observe");
        (await http.SendAsync(GuardedStub.Request(), Cancellation)).Dispose();

        Assert.Equal(2, stub.Count(GuardedStub.Chat));
        Assert.Equal(BillingGuardMode.Observe, provider.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>().CurrentValue.Guard.Mode);

        void Set(string mode)
        {
            configuration["B:Guard:Mode"] = mode;
            ((IConfigurationRoot)configuration).Reload();
        }
    }

    [Fact]
    public async Task Send_SettingUnreadableInConfiguration_IsRefusedAsWrongOptionsAre()
    {
        using var stub = new StubHandler().On("GET models", () => StubHandler.Json("{}"));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("B:ApiKey", TestData.ApiKey), new("B:Guard:Mode", "Enforce")]).Build();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(configuration.GetSection("B"));
        services.AddHttpClient("openrouter", http => http.BaseAddress = new Uri("https://openrouter.ai/api/v1/")).AddOpenRouterBillingGuard().ConfigurePrimaryHttpMessageHandler(() => stub);
        await using var provider = services.BuildServiceProvider();
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");
        (await http.GetAsync(new Uri("models", UriKind.Relative), Cancellation)).Dispose();
        configuration["B:Guard:Mode"] = "Enforse";
        Assert.ThrowsAny<Exception>(((IConfigurationRoot)configuration).Reload);

        await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => http.SendAsync(GuardedStub.Request(), Cancellation));
        var decision = await provider.GetRequiredService<IBillingGuard>().EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal(BillingCause.Unavailable, decision.Refusal?.Cause);
    }

    [Fact]
    public async Task AddOpenRouterBilling_OwnLimitsInConfiguration_AreBound()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([
            new("B:ApiKey", TestData.ApiKey), new("B:Guard:MaxRequestCost", "0.25"),
            new("B:Guard:Budgets:0:Per", "Project"), new("B:Guard:Budgets:0:Name", "search"), new("B:Guard:Budgets:0:Limit", "12.5"), new("B:Guard:Budgets:0:Window", "Monthly"),
            new("B:Guard:RunawayLimits:0:Window", "00:05:00"), new("B:Guard:RunawayLimits:0:MaxCost", "3"), new("B:Guard:RunawayLimits:0:MaxRequests", "100"),
        ]).Build();
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(configuration.GetSection("B"));
        await using var provider = services.BuildServiceProvider();

        var guard = provider.GetRequiredService<IOptions<OpenRouterBillingOptions>>().Value.Guard;

        var (budget, limit) = (Assert.Single(guard.Budgets), Assert.Single(guard.RunawayLimits));
        Assert.Equal((0.25m, Spender.Project, "search", 12.5m, BudgetWindow.Monthly), (guard.MaxRequestCost, budget.Per, budget.Name, budget.Limit, budget.Window));
        Assert.Equal((TimeSpan.FromMinutes(5), 3m, 100), (limit.Window, limit.MaxCost, limit.MaxRequests));
    }

    private static async Task<LimitReading> BudgetAsync(GuardedStub world) =>
        (await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).Limits.Single(limit => limit.Cause == BillingCause.AppBudget);

    private sealed class ModeSwitch(BillingGuardOptions options, BillingGuardMode mode) : IBillingPolicy
    {
        public void Apply(BillingPolicyContext context) => options.Mode = mode;
    }

    private sealed class ThrowingLedger : IBillingLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => throw new InvalidOperationException("down");

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => throw new InvalidOperationException("down");

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => throw new InvalidOperationException("down");

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => throw new InvalidOperationException("down");
    }
}
