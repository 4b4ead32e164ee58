using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>What one refusal by OpenRouter teaches all callers below the same limit, and for how long.</summary>
public sealed class ClosedLimitsTests
{
    private const string KeyOf = """{"data":{"limit":LIMIT,"limit_remaining":LIMIT,"limit_reset":null,"usage":0.5,"is_free_tier":false,"is_management_key":false,"creator_user_id":"MEMBER","workspace_id":"SPACE","free_model_daily_requests":{"used":2,"limit":QUOTA,"remaining":48},"budgets":[]}}""";

    private static readonly TimeSpan Pace = new BillingGuardOptions().MaxRefusalReadingAge;
    private static readonly TimeSpan AfterThePace = Pace + TimeSpan.FromSeconds(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no credits", GuardedStub.FreeModel)]
    [InlineData("never funded", GuardedStub.FreeModel)]
    [InlineData("too dear for the account", GuardedStub.PaidModel)]
    public async Task ReserveAsync_CreditsRefused_StaysClosedToEveryKeyWithoutAnyNetwork(string name, string model)
    {
        using var world = new GuardedStub();
        await world.PassesAsync(key: GuardedStub.OtherKey);
        // Figures that are too old to refuse on are not asked for anew: OpenRouter's word is newer than they are.
        await world.AdvanceAsync(TimeSpan.FromSeconds(20));
        var said = await world.IsRefusedThereAsync<InsufficientCreditsException>(name);
        var requests = world.Stub.Requests.Count;

        var refusal = await world.IsRefusedHereAsync<InsufficientCreditsException>(model, GuardedStub.OtherKey);

        Assert.Equal(requests, world.Stub.Requests.Count);
        Assert.Equal(BillingVerdictOrigin.Remembered, refusal.Verdict.Origin);
        Assert.Equal(said.Verdict.Cause, refusal.Verdict.Cause);
        Assert.Equal(model, refusal.Model);
        Assert.EndsWith("OpenRouter said so to an earlier request. Nothing was sent.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReserveAsync_CreditsRefused_OpensWhenNewerFiguresShowRoom()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        world.CreditsBody = """{"data":{"total_credits":10,"total_usage":10}}""";

        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<InsufficientCreditsException>();
        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<InsufficientCreditsException>(GuardedStub.FreeModel);
        world.CreditsBody = """{"data":{"total_credits":20,"total_usage":10}}""";
        await world.IsRefusedHereAsync<InsufficientCreditsException>();
        await world.AdvanceAsync(AfterThePace);
        await world.PassesAsync();
        await world.PassesAsync(GuardedStub.FreeModel);

        Assert.Equal(4, world.Stub.Count("GET credits"));
    }

    [Fact]
    public async Task ReserveAsync_FiguresCannotBeRead_TheLastWordHolds()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        world.Stub.On("GET credits", () => StubHandler.Json("{}", HttpStatusCode.InternalServerError));

        await world.AdvanceAsync(AfterThePace);

        await world.IsRefusedHereAsync<InsufficientCreditsException>();
    }

    [Fact]
    public async Task ReserveAsync_BalanceIsNotTold_AsksOpenRouterAgainAfterThePace()
    {
        using var world = new GuardedStub(options => options.ManagementKey = null);
        world.Stub.On("GET credits", () => StubHandler.Json("""{"error":{"code":403,"message":"Only management keys can perform this operation"}}""", HttpStatusCode.Forbidden));
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");

        await world.AdvanceAsync(Pace);
        await world.IsRefusedHereAsync<InsufficientCreditsException>();
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.PassesAsync();
    }

    [Fact]
    public async Task ReserveAsync_RequestWasTooDear_CheaperOnesPass()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InsufficientCreditsException>("too dear for the account");

        await world.PassesAsync(GuardedStub.FreeModel);
        await world.IsRefusedHereAsync<InsufficientCreditsException>();
        world.Options.Guard.PaidRequestClaim /= 2;
        await world.PassesAsync();
    }

    [Fact]
    public async Task ReserveAsync_InFlightBudgetFull_HoldsPaidRequestsOfAllKeysForTheWaitThatWasAsked()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InFlightBudgetExceededException>("in flight, header");

        await world.PassesAsync(GuardedStub.FreeModel);
        await world.AdvanceAsync(TimeSpan.FromSeconds(30));
        var refusal = await world.IsRefusedHereAsync<InFlightBudgetExceededException>(key: GuardedStub.OtherKey);
        Assert.Equal(TimeSpan.FromSeconds(60), refusal.RetryAfter);
        Assert.True(refusal.Verdict.IsRetryable);
        await world.AdvanceAsync(TimeSpan.FromSeconds(60));
        await world.PassesAsync();
    }

    [Fact]
    public async Task ReserveAsync_InFlightBudgetFullAndNoWaitGiven_Holds30Seconds()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InFlightBudgetExceededException>("in flight, by its words");

        var refusal = await world.IsRefusedHereAsync<InFlightBudgetExceededException>();
        Assert.Equal(TimeSpan.FromSeconds(30), refusal.RetryAfter);
        await world.AdvanceAsync(TimeSpan.FromSeconds(29));
        await world.IsRefusedHereAsync<InFlightBudgetExceededException>();
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.PassesAsync();
    }

    // Nothing but time opens these two, so one wrong number must not shut everything out.
    [Theory]
    [InlineData(402, """{"error":{"code":402,"message":"Busy.","metadata":{"limit_source":"openrouter_in_flight_budget","headers":{"Retry-After":"8640000"}}}}""", GuardedStub.PaidModel)]
    [InlineData(429, """{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-min.","metadata":{"headers":{"X-RateLimit-Reset":"1784678400000"}}}}""", GuardedStub.FreeModel)]
    public async Task ReserveAsync_WaitOfMonthsWasAsked_OpenRouterIsAskedAgainSoon(int status, string body, string model)
    {
        using var world = new GuardedStub();
        world.Answer = () => StubHandler.Json(body, (HttpStatusCode)status);
        var said = await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync(model));
        Assert.InRange(said.OpensAt!.Value - FailureCases.Now, TimeSpan.FromDays(50), TimeSpan.FromDays(366));
        world.Answer = GuardedStub.Success;

        await world.AdvanceAsync(TimeSpan.FromMinutes(14));
        var remembered = await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync(model));
        Assert.Equal(FailureCases.Now + TimeSpan.FromMinutes(15), remembered.OpensAt);
        await world.AdvanceAsync(TimeSpan.FromMinutes(1));
        await world.PassesAsync(model);
    }

    [Theory]
    [InlineData("in flight, header", GuardedStub.PaidModel)]
    [InlineData("free day, nothing but words", GuardedStub.FreeModel)]
    [InlineData("workspace budget", GuardedStub.PaidModel)]
    public async Task ReserveAsync_ClockWasADayAheadWhenItWasRefused_OpenRouterIsAskedAgain(string name, string model)
    {
        using var world = new GuardedStub();
        world.AnswerWith(name);
        world.Clock.SetWallClock(TimeSpan.FromDays(1));
        await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync(model));
        world.Answer = GuardedStub.Success;
        await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync(model));

        world.Clock.SetWallClock(TimeSpan.FromSeconds(-30));
        await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync(model));
        world.Clock.SetWallClock(-TimeSpan.FromDays(1));
        await world.PassesAsync(model);
    }

    [Theory]
    [InlineData("free day, header", 13.5 * 60 * 60)]
    [InlineData("free day, nothing but words", 13.5 * 60 * 60)]
    [InlineData("free minute", 42)]
    public async Task ReserveAsync_FreeQuotaUsedUp_HoldsFreeModelsOfAllKeysUntilItOpens(string name, double seconds)
    {
        using var world = new GuardedStub();
        var said = await world.IsRefusedThereAsync<FreeModelQuotaExceededException>(name, GuardedStub.FreeModel);

        await world.PassesAsync();
        var refusal = await world.IsRefusedHereAsync<FreeModelQuotaExceededException>("another/model:free", GuardedStub.OtherKey);
        Assert.Equal((said.OpensAt, FailureCases.Now.AddSeconds(seconds)), (refusal.OpensAt, refusal.OpensAt!.Value));
        await world.AdvanceAsync(TimeSpan.FromSeconds(seconds - 1));
        await world.IsRefusedHereAsync<FreeModelQuotaExceededException>(GuardedStub.FreeModel);
        await world.AdvanceAsync(TimeSpan.FromSeconds(1));
        await world.PassesAsync(GuardedStub.FreeModel);
    }

    [Fact]
    public async Task ReserveAsync_FreeDayUsedUpAndCreditsBought_OpensWithTheLargerQuota()
    {
        using var world = new GuardedStub { KeyBody = Key(quota: 50), Answer = () => StubHandler.Json(
            """{"error":{"message":"Rate limit exceeded: free-models-per-day","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0"}}}}""", HttpStatusCode.TooManyRequests) };
        var said = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => world.ChatAsync(GuardedStub.FreeModel));
        world.Answer = GuardedStub.Success;
        Assert.Equal((50L, 50L), (said.Limit, said.Used));

        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<FreeModelQuotaExceededException>(GuardedStub.FreeModel);
        world.KeyBody = Key(quota: 1000);
        await world.AdvanceAsync(AfterThePace);
        await world.PassesAsync(GuardedStub.FreeModel);
    }

    [Fact]
    public async Task ReserveAsync_KeySpent_HoldsThisKeyUntilItsReset()
    {
        using var world = new GuardedStub { KeyBody = Key(limit: "20") };
        world.AnswerWith("key spent, week");
        await Assert.ThrowsAsync<KeyLimitExceededException>(() => world.ChatAsync());
        world.Answer = GuardedStub.Success;
        world.KeyBody = Key(limit: "0");

        var refusal = await world.IsRefusedHereAsync<KeyLimitExceededException>(GuardedStub.FreeModel);
        Assert.Equal(new DateTimeOffset(2026, 4, 27, 0, 0, 0, TimeSpan.Zero), refusal.ResetsAt);
        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<KeyLimitExceededException>();
        world.KeyBody = Key();
        await world.PassesAsync(key: GuardedStub.OtherKey);
        await world.AdvanceAsync(refusal.ResetsAt!.Value - world.Clock.GetUtcNow());
        await world.PassesAsync();
    }

    [Fact]
    public async Task ReserveAsync_KeySpentAndItsCapRaised_OpensEarlier()
    {
        using var world = new GuardedStub { KeyBody = Key(limit: "0.10") };
        await world.IsRefusedThereAsync<KeyLimitExceededException>("key spent, for good");
        world.KeyBody = Key(limit: "0");

        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<KeyLimitExceededException>();
        world.KeyBody = Key(limit: "30");
        await world.AdvanceAsync(AfterThePace);
        await world.PassesAsync();
    }

    [Theory]
    [InlineData("member budget, by its words", BillingCause.MemberBudget, true)]
    [InlineData("workspace budget", BillingCause.WorkspaceBudget, true)]
    [InlineData("guardrail budget", BillingCause.GuardrailBudget, false)]
    public async Task ReserveAsync_BudgetSpent_HoldsTheKeysBelowItUntilItOpens(string name, BillingCause cause, bool isShared)
    {
        using var world = new GuardedStub { KeyBody = Key() };
        await world.PassesAsync(key: GuardedStub.OtherKey);
        await world.IsRefusedThereAsync<BudgetExceededException>(name);

        var refusal = await world.IsRefusedHereAsync<BudgetExceededException>(GuardedStub.FreeModel);
        Assert.Equal(cause, refusal.Verdict.Cause);
        await (isShared ? world.IsRefusedHereAsync<BudgetExceededException>(key: GuardedStub.OtherKey) : world.PassesAsync(key: GuardedStub.OtherKey));
        await world.AdvanceAsync(refusal.OpensAt!.Value - world.Clock.GetUtcNow());
        await world.PassesAsync();
        await world.PassesAsync(key: GuardedStub.OtherKey);
    }

    [Fact]
    public async Task ReserveAsync_BudgetOfOtherMembers_IsNotClosed()
    {
        using var world = new GuardedStub { KeyBody = Key("somebody", "there") };
        await world.PassesAsync(key: GuardedStub.OtherKey);
        world.KeyBody = Key();
        await world.IsRefusedThereAsync<BudgetExceededException>("member budget, by its words");
        await world.IsRefusedThereAsync<BudgetExceededException>("workspace budget", key: GuardedStub.OtherKey);

        await world.IsRefusedHereAsync<BudgetExceededException>();
        Assert.Equal(BillingCause.WorkspaceBudget, (await world.IsRefusedHereAsync<BudgetExceededException>(key: GuardedStub.OtherKey)).Verdict.Cause);
    }

    [Fact]
    public async Task ReserveAsync_KeyNotAccepted_IsClosedUntilItIsReadAgain()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<KeyNotAcceptedException>("unknown key");

        await world.IsRefusedHereAsync<KeyNotAcceptedException>(GuardedStub.FreeModel);
        await world.PassesAsync(key: GuardedStub.OtherKey);
        world.Stub.On("GET key", () => StubHandler.Json("{}", HttpStatusCode.Unauthorized));
        await world.AdvanceAsync(AfterThePace);
        await world.IsRefusedHereAsync<KeyNotAcceptedException>();
        world.Stub.On("GET key", TestData.KeyBody);
        await world.AdvanceAsync(AfterThePace);
        await world.PassesAsync();
    }

    [Theory]
    [InlineData("wrong kind of key")]
    [InlineData("minimum balance")]
    public async Task ReserveAsync_RefusalOfOneKindOfRequest_ClosesNothing(string name)
    {
        using var world = new GuardedStub();
        world.AnswerWith(name);
        await Assert.ThrowsAnyAsync<BillingGuardException>(() => world.ChatAsync());
        world.Answer = GuardedStub.Success;

        await world.PassesAsync();
    }

    [Fact]
    public async Task Learn_ByHand_ClosesTheLimitForEveryone()
    {
        using var world = new GuardedStub();
        var request = new BillableRequest { Model = GuardedStub.FreeModel };

        var said = world.Guard.Learn(request, HttpStatusCode.TooManyRequests, Encoding.UTF8.GetBytes(GuardedStub.Case("free day, header").Body), GuardedStub.Case("free day, header").Headers);
        var decision = await world.Guard.EvaluateAsync(request, Cancellation);

        Assert.Equal((BillingCause.FreeRequestsPerDay, BillingVerdictOrigin.Answered, GuardedStub.FreeModel), (said!.Cause, said.Origin, said.Model));
        Assert.Equal((said.OpensAt, BillingVerdictOrigin.Remembered), (decision.Refusal!.OpensAt, decision.Refusal.Origin));
        Assert.Null(world.Guard.Learn(request, HttpStatusCode.OK, "{}"u8.ToArray()));
        Assert.Equal(BillingCause.ProviderOverloaded, world.Guard.Learn(request, HttpStatusCode.BadGateway, default)!.Cause);
    }

    [Fact]
    public async Task ReserveAsync_1000AtOnceAfterARefusal_NoneGoesOut()
    {
        using var world = new GuardedStub();
        await world.IsRefusedThereAsync<InsufficientCreditsException>("no credits");
        var chats = world.Chats;

        var refusals = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync()))));

        Assert.All(refusals, refusal => Assert.Equal(BillingVerdictOrigin.Remembered, refusal.Verdict.Origin));
        Assert.Equal(chats, world.Chats);
    }

    [Fact]
    public void Close_MoreKeysThanAreKept_ForgetsTheOldest()
    {
        var closed = new ClosedLimits();
        for (var index = 0; index < 3 * ClosedLimits.Capacity; index++)
        {
            var now = FailureCases.Now.AddSeconds(index);
            closed.Close(new BillingVerdict { Cause = BillingCause.Authentication, CheckedAt = now, Remedy = "Check." }, Context($"key{index}", now));
        }

        Assert.Equal(ClosedLimits.Capacity, closed.Count);
        Assert.Null(closed.Find(Context("key0", FailureCases.Now)));
        Assert.NotNull(closed.Find(Context($"key{(3 * ClosedLimits.Capacity) - 1}", FailureCases.Now.AddSeconds(3 * ClosedLimits.Capacity))));
    }

    private static BillingPolicyContext Context(string keyHash, DateTimeOffset now) => new(
        new BillableRequest(),
        new AccountSnapshot("account", keyHash, Reading<CreditBalance>.NotPermitted(new Instant(now, 0)), Reading<ApiKeyStatus>.NotPermitted(new Instant(now, 0)))
        {
            BalanceLag = new LearnedLag(TimeProvider.System),
            KeyLag = new LearnedLag(TimeProvider.System),
        },
        null,
        new BillingGuardOptions(),
        now);

    private static string Key(string member = "me", string space = "here", string limit = "null", int quota = 50) => KeyOf
        .Replace("MEMBER", member, StringComparison.Ordinal)
        .Replace("SPACE", space, StringComparison.Ordinal)
        .Replace("LIMIT", limit, StringComparison.Ordinal)
        .Replace("QUOTA", $"{quota}", StringComparison.Ordinal);
}
