using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>An app's own policies: asked last, in order, and believed.</summary>
public sealed class CustomPolicyTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 4, 22, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_PolicyRefuses_ThrowsItsRemedyAndAsksNoneBehind()
    {
        var behind = new Policy(_ => throw new InvalidOperationException("asked"));
        using var world = new PolicyHost([new Policy(_ => { }), new Policy(context => context.Refuse("Come back on Monday.")), behind]);

        var refusal = await Assert.ThrowsAsync<PolicyRefusedException>(async () => await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Equal("A billing policy of the app refused the request (model some/model). Come back on Monday. Nothing was sent.", refusal.Message);
        Assert.Equal(BillingCause.Policy, refusal.Verdict.Cause);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Evaluate_PolicyRefuses_TellsTheLimitsThatWereLookedAtUntilThen(bool holds)
    {
        using var world = new PolicyHost([new Policy(context => context.Refuse("Come back on Monday.")), new Policy(_ => throw new InvalidOperationException("asked"))]);

        var evaluated = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        var verdict = holds ? (await Assert.ThrowsAsync<PolicyRefusedException>(async () => await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation))).Verdict : evaluated.Refusal!;

        var balance = Assert.Single(verdict.Limits);
        Assert.Equal((BillingCause.AccountCredits, 9.5m, 0m, 0m, 0.05m), (balance.Cause, balance.Capacity, balance.Used, balance.Held, balance.Required));
        Assert.Equal(verdict.Limits, evaluated.Limits);
    }

    [Fact]
    public async Task Reserve_PolicyClaims_IsCountedWithTheOtherLimits()
    {
        var claim = LimitClaim.InRequests("app/greetings", BillingCause.Policy, 2, Midnight, Midnight.AddDays(1)) with { Name = "greetings" };
        using var world = new PolicyHost([new Policy(context => context.Claim(claim))]);
        await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);

        var refusal = await Assert.ThrowsAsync<PolicyRefusedException>(async () => await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Equal(("greetings", 2m, Midnight.AddDays(1)), (refusal.Verdict.Limit!.Name, refusal.Verdict.Limit.Held, refusal.OpensAt));
        Assert.StartsWith("A billing policy of the app (greetings) refused the request", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(refusal.Verdict.Limits, limit => limit.Cause == BillingCause.AccountCredits);
    }

    [Fact]
    public async Task Reserve_PolicyLooks_SeesRequestAccountAndScope()
    {
        BillingPolicyContext? seen = null;
        using var world = new PolicyHost([new Policy(context => seen = context)]);
        using (BillingScope.Begin(new() { Project = "search", Member = "alice" }))
        {
            await world.Guard.EvaluateAsync(PolicyWorld.Paid with { Scope = new() { Member = "bob" } }, Cancellation);
        }

        Assert.Equal(new BillingScope { Project = "search", Member = "bob" }, seen!.Scope);
        Assert.Equal(GuardedStub.PaidModel, seen.Request.Model);
        Assert.Equal((0.05m, 9.5m, 0.5m), (seen.Cost, seen.Balance!.Remaining, seen.Key!.Usage.Total));
        Assert.Null(seen.Estimate);
        Assert.Matches("^[0-9a-fA-F]{64}$", seen.KeyHash);
        Assert.DoesNotContain(TestData.ManagementKey, seen.AccountId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnavailableBehavior.Refuse)]
    [InlineData(UnavailableBehavior.Allow)]
    public async Task Reserve_PolicyThrows_IsALimitThatCannotBeRead(UnavailableBehavior behavior)
    {
        using var world = new PolicyHost([new Policy(_ => throw new InvalidOperationException("no table"))], options => options.Guard.WhenUnavailable = behavior);

        var decision = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal(behavior == UnavailableBehavior.Refuse ? BillingCause.Unavailable : null, decision.Refusal?.Cause);
    }

    [Fact]
    public async Task Reserve_PolicyThrowsAndMaySend_TheOtherLimitsStillHold()
    {
        using var world = new PolicyHost(
            [new Policy(_ => throw new InvalidOperationException("no table"))],
            options => (options.Guard.WhenUnavailable, options.Guard.PaidRequestClaim) = (UnavailableBehavior.Allow, 6));
        await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Equal(6, refusal.Verdict.Limit!.Held);
    }

    [Fact]
    public async Task Reserve_PolicyThrowsWhileObserving_BooksOnTheOtherLimits()
    {
        using var world = new PolicyHost([new Policy(_ => throw new InvalidOperationException("no table"))], options =>
        {
            options.Guard.Mode = BillingGuardMode.Observe;
            options.Guard.Budgets.Add(new() { Limit = 0.05m });
        });

        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        await lease.SettleAsync(0.02m, Cancellation);
        world.Options.Guard.WhenUnavailable = UnavailableBehavior.Allow;
        var decision = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal(BillingCause.Unavailable, lease.Refusal?.Cause);
        Assert.Equal((BillingCause.AppBudget, 0.02m), (decision.Refusal!.Cause, decision.Refusal.Limit!.Used));
    }

    [Fact]
    public async Task Claim_OfNoLimitOrANegativeAmount_Throws()
    {
        var claim = LimitClaim.InRequests("app/greetings", BillingCause.Policy, 2, Midnight);
        using var world = new PolicyHost([
            new Policy(context => Assert.Throws<ArgumentNullException>(() => context.Claim(default))),
            new Policy(context => Assert.Throws<ArgumentOutOfRangeException>(() => context.Claim(claim with { Amount = -1 }))),
        ]);

        Assert.True((await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task AddPolicy_SeveralAccounts_AsksEachAccountsOwnInOrder()
    {
        var asked = new List<string>();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new ManualTimeProvider());
        services.AddOpenRouterBilling("one", options => (options.ApiKey, options.Guard.WhenUnavailable, options.MaxRetries) = (TestData.ApiKey, UnavailableBehavior.Allow, 0))
            .AddPolicy(new Policy(_ => asked.Add("first")))
            .AddPolicy<LastPolicy>()
            .HttpClient.ConfigurePrimaryHttpMessageHandler(() => new StubHandler().OnAny(() => StubHandler.Json(TestData.KeyBody)));
        services.AddOpenRouterBilling("two", options => options.ApiKey = TestData.ApiKey).AddPolicy(new Policy(_ => asked.Add("other account")));
        await using var provider = services.BuildServiceProvider();

        var decision = await provider.GetRequiredKeyedService<IBillingGuard>("one").EvaluateAsync(PolicyWorld.Paid with { Model = GuardedStub.FreeModel }, Cancellation);

        Assert.Equal(["first"], asked);
        Assert.Equal("It was the last.", decision.Refusal?.Remedy);
    }

    [Fact]
    public async Task Refuse_EmptyRemedy_Throws()
    {
        using var world = new PolicyHost([new Policy(context => Assert.Throws<ArgumentException>(() => context.Refuse(" ")))]);

        Assert.True((await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).IsAllowed);
    }

    private sealed class Policy(Action<BillingPolicyContext> apply) : IBillingPolicy
    {
        public void Apply(BillingPolicyContext context) => apply(context);
    }

#pragma warning disable CA1812 // the container builds it
    private sealed class LastPolicy : IBillingPolicy
    {
        public void Apply(BillingPolicyContext context) => context.Refuse("It was the last.");
    }
#pragma warning restore CA1812

    private sealed class PolicyHost : IDisposable
    {
        private readonly GuardedStub _stub = new();
        private readonly HttpClient _http;

        public PolicyHost(IBillingPolicy[] policies, Action<OpenRouterBillingOptions>? configure = null)
        {
            configure?.Invoke(_stub.Options);
            _http = new HttpClient(_stub.Stub, disposeHandler: false);
            Guard = new BillingGuard(_http, _stub.Options, new() { TimeProvider = _stub.Clock, Policies = policies });
        }

        public BillingGuard Guard { get; }

        public OpenRouterBillingOptions Options => _stub.Options;

        public void Dispose()
        {
            _http.Dispose();
            _stub.Dispose();
        }
    }
}
