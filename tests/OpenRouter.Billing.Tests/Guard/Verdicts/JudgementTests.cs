using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>Which limit refuses, and what its reading and its verdict say, from claims and what a ledger tells of them.</summary>
public sealed class JudgementTests
{
    private const long Dollar = 1_000_000_000;

    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Midnight = new(2026, 11, 29, 0, 0, 0, TimeSpan.Zero);

    private readonly List<LimitUsage> _usage = [];

    [Fact]
    public void Of_RoomEverywhere_AllowsAndReadsAllInOrder()
    {
        var context = Context();
        context.Bound(Money("bound", BillingCause.RequestCost, 1, 1));
        Claim(context, Money("balance", BillingCause.AccountCredits, 2, 10), settled: 5, leased: 3);
        Claim(context, LimitClaim.InRequests("free", BillingCause.FreeRequestsPerDay, 50, Noon, Midnight) with { UsedBefore = 7 }, settled: 0, leased: 0);

        var decision = Judgement.Of(context, _usage);

        Assert.True(decision.IsAllowed);
        Assert.Equal(
            [(BillingCause.RequestCost, 1m, 0m, 0m, 1m), (BillingCause.AccountCredits, 10m, 5m, 3m, 2m), (BillingCause.FreeRequestsPerDay, 57m, 7m, 0m, 1m)],
            decision.Limits.Select(limit => (limit.Cause, limit.Capacity, limit.Used, limit.Held, limit.Required)));
        Assert.All(decision.Limits, limit => Assert.True(limit.HasRoom));
    }

    [Theory]
    [InlineData(5, 3, 2, true)]
    [InlineData(5, 4, 2, false)]
    [InlineData(6, 3, 2, false)]
    [InlineData(5, 3, 3, false)]
    public void HasRoom_OfAClaim_CountsWhatIsSettledAndHeldAndWished(long settled, long leased, long wished, bool expected)
    {
        var context = Context();
        Claim(context, Money("balance", BillingCause.AccountCredits, wished, 10), settled, leased);

        Assert.Equal(expected, Judgement.Of(context, _usage).IsAllowed);
    }

    [Theory]
    [InlineData("balance", false)]
    [InlineData("other", true)]
    public void HasRoom_OfClaimsOnOneLimit_IsThatOfTheirSum(string second, bool expected)
    {
        var context = Context();
        Claim(context, Money("balance", BillingCause.AccountCredits, 6, 10), settled: 0, leased: 0);
        Claim(context, Money(second, BillingCause.KeyLimit, 6, 10), settled: 0, leased: 0);

        Assert.Equal(expected, Judgement.Of(context, _usage).IsAllowed);
    }

    [Theory]
    [InlineData(5, BillingCause.KeyLimit)]
    [InlineData(0, BillingCause.AccountCredits)]
    public void Of_SeveralWithoutRoom_NamesTheSpentOneFirstAndElseTheBalance(long spentOfKey, BillingCause expected)
    {
        var context = Context();
        Claim(context, Money("budget", BillingCause.AppBudget, 6, 5), settled: 0, leased: 0);
        Claim(context, Money("balance", BillingCause.AccountCredits, 6, 5), settled: 0, leased: 0);
        Claim(context, Money("key", BillingCause.KeyLimit, 6, 5), settled: spentOfKey, leased: 0);

        Assert.Equal(expected, Judgement.Of(context, _usage).Refusal!.Cause);
    }

    [Fact]
    public void Of_WatchedLimitsWithoutRoom_RefusesNothing()
    {
        var context = Context();
        context.Bound(Money("bound", BillingCause.RunawayBrake, 6, 5) with { IsAdvisory = true });
        Claim(context, Money("brake", BillingCause.RunawayBrake, 6, 5) with { IsAdvisory = true }, settled: 5, leased: 0);

        var decision = Judgement.Of(context, _usage);

        Assert.True(decision.IsAllowed);
        Assert.True(Judgement.FitsBounds(context));
        Assert.All(decision.Limits, limit => Assert.True(limit is { IsAdvisory: true, HasRoom: false }));
        Assert.True(Judgement.Refuse(context, _usage).IsAllowed);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void FitsBounds_AnyBound_IsCompared(int amount, bool expected)
    {
        var context = Context();
        context.Bound(Money("first", BillingCause.RequestCost, 1, 5));
        context.Bound(Money("second", BillingCause.RequestCost, amount, 5));

        Assert.Equal(expected, Judgement.FitsBounds(context));
    }

    [Fact]
    public void Refuse_RoomAgainMeanwhile_NamesTheTightestThatRefuses()
    {
        var context = Context();
        Claim(context, Money("balance", BillingCause.AccountCredits, 1, 10), settled: 2, leased: 0);
        Claim(context, Money("brake", BillingCause.RunawayBrake, 1, 10) with { IsAdvisory = true }, settled: 9, leased: 0);
        Claim(context, Money("key", BillingCause.KeyLimit, 3, 10), settled: 5, leased: 0);
        Claim(context, Money("budget", BillingCause.AppBudget, 1, 10), settled: 6, leased: 0);

        Assert.Equal(BillingCause.KeyLimit, Judgement.Refuse(context, _usage).Refusal!.Cause);
        Assert.True(Judgement.Of(context, _usage).IsAllowed);
    }

    [Fact]
    public void Verdict_OfARefusal_CarriesWhatItWasDecidedBy()
    {
        var context = Context(outputTokens: 1000);
        Claim(context, Money("key", BillingCause.KeyLimit, 6, 5), settled: 1, leased: 0);
        Claim(context, Money("balance", BillingCause.AccountCredits, 6, 50), settled: 0, leased: 0);
        Claim(context, Money("brake", BillingCause.RunawayBrake, 0, 1), settled: 1, leased: 0);

        var decision = Judgement.Of(context, _usage);

        var refusal = decision.Refusal!;
        Assert.Equal((BillingCause.KeyLimit, Noon, "some/model", decision.Limits[0]), (refusal.Cause, refusal.CheckedAt, refusal.Model, refusal.Limit));
        Assert.Same(decision.Limits, refusal.Limits);
        Assert.Same(context.Estimate, decision.Estimate);
        // One dollar is for the prompt, and a token costs a cent; the brake's dollar is no money that could be spent.
        Assert.Equal((300L, Midnight, false), (refusal.AffordableOutputTokens, refusal.OpensAt, refusal.IsRetryable));
        Assert.Equal("Lower the output cap to at most 300 tokens, or raise the key's cap, wait for its reset, or use another key.", refusal.Remedy);
    }

    [Fact]
    public void Verdict_OfCountedRequests_NamesNoOutputCap()
    {
        var context = Context(outputTokens: 1000);
        Claim(context, LimitClaim.InRequests("free", BillingCause.FreeRequestsPerDay, 50, Noon, Midnight), settled: 50, leased: 1, isCount: true);
        Claim(context, Money("balance", BillingCause.AccountCredits, 0, 50), settled: 0, leased: 0);

        var refusal = Judgement.Of(context, _usage).Refusal!;

        Assert.Equal((BillingCause.FreeRequestsPerDay, null, Midnight, false), (refusal.Cause, refusal.AffordableOutputTokens, refusal.OpensAt, refusal.IsRetryable));
    }

    [Theory]
    [InlineData(BillingCause.AccountCredits, 4, 1, 0, false)]
    [InlineData(BillingCause.AccountCredits, 3, 1, 1, true)]
    [InlineData(BillingCause.AccountCredits, 3, 2, 2, false)]
    [InlineData(BillingCause.RunawayLimit, 3, 1, 1, false)]
    public void Verdict_RequestsThatRunHoldTheRest_MayBeRetriedAndNamesNoReset(BillingCause cause, long wished, long settled, long leased, bool expected)
    {
        var context = Context();
        Claim(context, Money("limit", cause, wished, 4) with { ResetsAt = Midnight }, settled, leased);

        var refusal = Judgement.Of(context, _usage).Refusal!;

        Assert.Equal((expected, expected ? null : Midnight), (refusal.IsRetryable, refusal.OpensAt));
    }

    [Fact]
    public void Verdict_OfTheMinute_MayBeRetried()
    {
        var context = Context();
        Claim(context, LimitClaim.InRequests("minute", BillingCause.FreeRequestsPerMinute, 20, Noon, Noon.AddMinutes(1)), settled: 20, leased: 0, isCount: true);

        Assert.True(Judgement.Of(context, _usage).Refusal!.IsRetryable);
    }

    [Theory]
    [InlineData(5, 1, true, false)]
    [InlineData(6, 1, true, false)]
    [InlineData(7, 1, true, true)]
    [InlineData(7, 1, false, false)]
    public void Verdict_WholeIsTooSmall_OpensNever(long wished, long usedBefore, bool isWholeKnown, bool expected)
    {
        var context = Context();
        Claim(context, Money("budget", BillingCause.AppBudget, wished, 5) with { UsedBefore = usedBefore * Dollar, IsWholeKnown = isWholeKnown, ResetsAt = Midnight }, settled: 1, leased: 0);

        var refusal = Judgement.Of(context, _usage).Refusal!;

        Assert.Equal(expected ? null : Midnight, refusal.OpensAt);
        Assert.Equal(expected, refusal.Remedy == "No reset makes room for it: raise the limit, or ask for less.");
        Assert.Equal((6m, 2m), (refusal.Limit!.Capacity, refusal.Limit.Used));
    }

    [Fact]
    public void ResetsAt_OfASlidingWindow_IsWhenItsOldestUseLeavesIt()
    {
        var context = Context();
        var claim = Money("window", BillingCause.RunawayLimit, 6, 5) with { Since = Noon.AddMinutes(-10), Window = TimeSpan.FromMinutes(10), ResetsAt = Midnight };
        context.Claim(claim);
        context.Claim(claim with { Limit = "unused" });

        var limits = Judgement.Of(context, [new LimitUsage(0, 0, Noon.AddMinutes(-4)), default]).Limits;

        Assert.Equal([Noon.AddMinutes(6), Noon.AddMinutes(10)], limits.Select(limit => limit.ResetsAt));
    }

    [Fact]
    public void Required_OfARequestThatCostsNothing_IsNothing()
    {
        var context = Context();
        Claim(context, Money("balance", BillingCause.AccountCredits, 0, 5) with { Amount = 1 }, settled: 5, leased: 0);

        Assert.Equal("The balance is spent, which refuses free models too (model some/model). It opens at 2026-11-29 00:00:00 UTC. Add credits. Nothing was sent.", Judgement.Of(context, _usage).Refusal!.ToException().Message);
    }

    private static LimitClaim Money(string limit, BillingCause cause, long amount, long capacity) => LimitClaim.InUsDollars(limit, cause, amount, capacity, Noon, Midnight);

    private void Claim(BillingPolicyContext context, LimitClaim claim, long settled, long leased, bool isCount = false)
    {
        var unit = isCount ? 1 : Dollar;
        context.Claim(claim);
        _usage.Add(new LimitUsage(settled * unit, leased * unit, null));
    }

    private static BillingPolicyContext Context(long outputTokens = 0)
    {
        var unknown = new Instant(Noon, 0);
        var account = new AccountSnapshot("account", "key", Reading<CreditBalance>.NotPermitted(unknown), Reading<ApiKeyStatus>.NotPermitted(unknown)) { BalanceLag = new LearnedLag(TimeProvider.System), KeyLag = new LearnedLag(TimeProvider.System) };
        var estimate = outputTokens == 0 ? null
            : new CostEstimate { UpperBound = 11, Expected = 2, IsBounded = true, PromptTokens = 10, OutputTokens = outputTokens, CostWithoutOutput = 1, CostPerOutputToken = 0.01m };
        return new BillingPolicyContext(new BillableRequest { Model = "some/model" }, account, estimate, new BillingGuardOptions(), Noon);
    }
}
