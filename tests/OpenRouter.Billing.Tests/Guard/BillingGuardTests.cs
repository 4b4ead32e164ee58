using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>What the guard knows, when it asks again, and what it does when it cannot know.</summary>
public sealed class BillingGuardTests
{
    private static readonly BillableRequest Paid = new() { Model = GuardedSandbox.PaidModel };
    private static readonly BillableRequest Free = new() { Model = GuardedSandbox.FreeModel };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Constructor_NoClientOrWrongOptions_Throws()
    {
        using var http = new HttpClient(new StubHandler());

        Assert.Throws<ArgumentNullException>("httpClient", () => new BillingGuard(null!, TestData.Options()));
        Assert.Throws<ArgumentNullException>("options", () => new BillingGuard(http, null!));
        Assert.Throws<ArgumentException>("options", () => new BillingGuard(http, TestData.Options(options => options.Guard.PaidRequestClaim = 0)));
    }

    [Fact]
    public async Task AnyCall_WithoutARequest_Throws()
    {
        using var http = new HttpClient(new StubHandler());
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });

        await Assert.ThrowsAsync<ArgumentNullException>("request", () => guard.EvaluateAsync(null!, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>("request", () => guard.ReserveAsync(null!, Cancellation).AsTask());
        Assert.Throws<ArgumentNullException>("request", () => guard.Learn(null!, HttpStatusCode.PaymentRequired, ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public async Task EvaluateAsync_Allowed_ListsEveryLimitAndHoldsNothing()
    {
        await using var world = await GuardedSandbox.StartAsync();

        await world.Guard.EvaluateAsync(Free, Cancellation);
        var decision = await world.Guard.EvaluateAsync(Free, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.Null(decision.Refusal);
        Assert.Equal(
            [BillingCause.AccountCredits, BillingCause.FreeRequestsPerDay, BillingCause.FreeRequestsPerDay, BillingCause.FreeRequestsPerMinute],
            decision.Limits.Select(limit => limit.Cause));
        Assert.All(decision.Limits, limit => Assert.Equal(0, limit.Used + limit.Held));
    }

    [Fact]
    public async Task EvaluateAsync_Refused_ThrowsNothingAndExplains()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0.02m);

        var decision = await world.Guard.EvaluateAsync(Paid, Cancellation);

        Assert.Equal(BillingCause.AccountCredits, decision.Refusal?.Cause);
        Assert.Equal(0.02m, decision.Refusal?.Limit?.Capacity);
        Assert.Equal(decision.Limits, decision.Refusal?.Limits);
    }

    [Fact]
    public async Task ReserveAsync_SettledByHand_FreesWhatWasNotUsed()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.Guard.PaidRequestClaim = 6);
        var lease = await world.Guard.ReserveAsync(Paid, Cancellation);
        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));

        await lease.SettleAsync(0.5m, Cancellation);
        await lease.SettleAsync(5m, Cancellation);
        var next = await world.Guard.ReserveAsync(Paid, Cancellation);
        await next.ReleaseAsync(Cancellation);

        var balance = (await world.Guard.EvaluateAsync(Paid, Cancellation)).Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);
        Assert.Equal(6, lease.ClaimedCost);
        Assert.Equal(0.5m, balance.Used);
        Assert.Equal(0, balance.Held);
    }

    [Fact]
    public async Task ReserveAsync_NeverSettled_ExpiresAsSpentInFull()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options =>
        {
            options.Guard.PaidRequestClaim = 6;
            options.Guard.LeaseDuration = TimeSpan.FromSeconds(20);
        });
        await world.Guard.ReserveAsync(Paid, Cancellation);

        await world.AdvanceAsync(TimeSpan.FromSeconds(25));

        var balance = (await world.Guard.EvaluateAsync(Paid, Cancellation)).Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);
        Assert.Equal(6, balance.Used);
        Assert.Equal(0, balance.Held);
    }

    [Fact]
    public async Task ReserveAsync_CreditsBought_AreNoticedBeforeTheNextRefusal()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0.01m);
        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
        world.Sandbox.Account.AddCredits(5);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
        await world.AdvanceAsync(world.Options.Guard.MaxRefusalReadingAge + TimeSpan.FromSeconds(1));
        var lease = await world.Guard.ReserveAsync(Paid, Cancellation);

        Assert.Equal(world.Options.Guard.PaidRequestClaim, lease.ClaimedCost);
        Assert.Equal(2, world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute));
    }

    [Fact]
    public async Task ReserveAsync_KeyCapResetsWhileTheReadingIsOld_OffersTheWholeCapAgain()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options =>
        {
            options.Guard.RefreshAfter = TimeSpan.FromDays(1);
            options.Guard.MaxReadingAge = TimeSpan.FromDays(1);
            options.Guard.MaxRefusalReadingAge = TimeSpan.FromDays(1);
        });
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 1, LimitReset = "daily" });
        world.Sandbox.Account.Charge(1, key);
        var request = new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = key.Secret };
        await Assert.ThrowsAsync<KeyLimitExceededException>(async () => await world.Guard.ReserveAsync(request, Cancellation));

        await world.AdvanceAsync(TimeSpan.FromHours(14));
        var decision = await world.Guard.EvaluateAsync(request, Cancellation);

        Assert.True(decision.IsAllowed);
        var cap = decision.Limits.Single(limit => limit.Cause == BillingCause.KeyLimit);
        Assert.Equal(1, cap.Capacity);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero), cap.ResetsAt);
        Assert.Equal(1, world.Sandbox.Requests.Count(GuardedSandbox.KeyRoute));
    }

    [Fact]
    public async Task ReserveAsync_FiguresGrowOld_AreReadAgainInTheBackground()
    {
        await using var world = await GuardedSandbox.StartAsync();
        await world.Guard.EvaluateAsync(Paid, Cancellation);
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.CreditsRoute, SandboxFault.Gate());

        await world.AdvanceAsync(world.Options.Guard.RefreshAfter + TimeSpan.FromSeconds(1));
        var decision = await world.Guard.EvaluateAsync(Paid, Cancellation);
        await gate.WaitUntilHeldAsync(1, Cancellation);
        await world.Guard.EvaluateAsync(Paid, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.Equal(1, gate.Held);
        gate.Release();
    }

    [Fact]
    public async Task ReserveAsync_OneCallerGivesUp_TheOthersGetTheirAnswer()
    {
        await using var world = await GuardedSandbox.StartAsync();
        var gate = world.Sandbox.Faults.Add(GuardedSandbox.CreditsRoute, SandboxFault.Gate());
        using var impatience = new CancellationTokenSource();
        var impatient = world.Guard.ReserveAsync(Paid, impatience.Token).AsTask();
        await gate.WaitUntilHeldAsync(1, Cancellation);
        var patient = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.Release();

        Assert.NotNull(await patient);
        Assert.Equal(1, world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute));
    }

    [Theory]
    [InlineData(GuardedSandbox.CreditsRoute)]
    [InlineData(GuardedSandbox.KeyRoute)]
    public async Task ReserveAsync_FigureNeverComes_RefusesWithinItsBound(string route)
    {
        await using var world = await GuardedSandbox.StartAsync();
        var fault = world.Sandbox.Faults.Add(route, SandboxFault.Gate());

        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await fault.WaitUntilHeldAsync(1, Cancellation);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => asked);
        Assert.IsType<TimeoutException>(refusal.InnerException);
        Assert.True(refusal.Verdict.IsRetryable);
    }

    [Fact]
    public async Task ReserveAsync_BalanceUnavailableAndAllowed_TheOtherLimitsStillHold()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options =>
        {
            options.MaxRetries = 0;
            options.Guard.WhenUnavailable = UnavailableBehavior.Allow;
        });
        world.Sandbox.Faults.Add(GuardedSandbox.CreditsRoute, SandboxFault.Answer(500, "{}"));
        var capped = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 0.01m });

        var lease = await world.Guard.ReserveAsync(Paid, Cancellation);

        Assert.NotNull(lease);
        await Assert.ThrowsAsync<KeyLimitExceededException>(
            async () => await world.Guard.ReserveAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = capped.Secret }, Cancellation));
    }

    [Fact]
    public async Task ReserveAsync_ManagementKeyIsRefused_IsAnErrorAndNotAnUnknownBalance()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options => options.ManagementKey = TestData.ManagementKey);

        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));

        Assert.IsType<OpenRouterApiException>(refusal.InnerException);
    }

    [Theory]
    [InlineData(OrdinaryKeyCredits.Forbidden, false)]
    [InlineData(OrdinaryKeyCredits.Zeros, false)]
    [InlineData(OrdinaryKeyCredits.RealNumbers, true)]
    public async Task EvaluateAsync_NoManagementKey_KnowsTheBalanceOnlyWhereTheServerTellsIt(OrdinaryKeyCredits answer, bool isKnown)
    {
        await using var world = await GuardedSandbox.StartAsync(
            sandbox => sandbox.CreditsForOrdinaryKeys = answer,
            options => options.ManagementKey = null);
        var capped = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 1 });
        var request = new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = capped.Secret };

        var decision = await world.Guard.EvaluateAsync(request, Cancellation);
        await world.AdvanceAsync(TimeSpan.FromMinutes(10));
        await world.Guard.EvaluateAsync(request, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.Equal(isKnown, decision.Limits.Any(limit => limit.Cause == BillingCause.AccountCredits));
        Assert.Contains(decision.Limits, limit => limit.Cause == BillingCause.KeyLimit);
        Assert.Equal(isKnown ? 2 : 1, world.Sandbox.Requests.Count(GuardedSandbox.CreditsRoute));
    }

    [Fact]
    public async Task EvaluateAsync_BalanceUnknown_IsSaidOnceAndWithoutTheKey()
    {
        var handler = new StubHandler()
            .On("GET key", TestData.KeyBody)
            .On("GET credits", () => StubHandler.Json("""{"error":{"code":403,"message":"Only management keys can perform this operation"}}""", HttpStatusCode.Forbidden));
        using var http = new HttpClient(handler);
        var logger = new RecordingLogger<BillingGuard>();
        var guard = new BillingGuard(http, TestData.Options(options => options.ManagementKey = null), new() { TimeProvider = new ManualTimeProvider(), Logger = logger });

        await guard.EvaluateAsync(Paid, Cancellation);
        var entry = Assert.Single(logger.Entries);
        await guard.EvaluateAsync(Paid, Cancellation);
        await guard.EvaluateAsync(Paid, Cancellation);

        Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "BalanceUnknown"), (entry.Level, entry.Event));
        Assert.Contains("ManagementKey", entry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ApiKey, entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReserveAsync_Refused_IsLoggedWithCauseAndWithoutTheKey()
    {
        var handler = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", """{"data":{"total_credits":1,"total_usage":1.5}}""");
        using var http = new HttpClient(handler);
        var logger = new RecordingLogger<BillingGuard>();
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider(), Logger = logger });

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await guard.ReserveAsync(Paid, Cancellation));

        var entry = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Warning, "RequestRefused"), (entry.Level, entry.Event));
        Assert.Contains(nameof(BillingCause.AccountCredits), entry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ApiKey, entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EvaluateAsync_ZerosFromAKeyTakenForAManagementKey_AreUnknownNotEmpty()
    {
        var handler = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", """{"data":{"total_credits":0,"total_usage":0}}""");
        using var http = new HttpClient(handler);
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });

        var decision = await guard.EvaluateAsync(Paid, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.DoesNotContain(decision.Limits, limit => limit.Cause == BillingCause.AccountCredits);
    }

    [Fact]
    public async Task EvaluateAsync_AccountThatNeverPaid_IsEmptyAndNotUnknown()
    {
        await using var world = await GuardedSandbox.StartAsync(sandbox => sandbox.InitialCredits = 0);

        var decision = await world.Guard.EvaluateAsync(Paid, Cancellation);

        Assert.Equal(BillingCause.NeverFunded, decision.Refusal?.Cause);
    }

    [Theory]
    [InlineData(UnavailableBehavior.Refuse)]
    [InlineData(UnavailableBehavior.Allow)]
    public async Task ReserveAsync_LedgerThatNeverAnswers_IsBoundedAndTheOptionsDecide(UnavailableBehavior behavior)
    {
        var clock = new ManualTimeProvider();
        var handler = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody);
        using var http = new HttpClient(handler);
        var guard = new BillingGuard(http, TestData.Options(options => options.Guard.WhenUnavailable = behavior), new() { Ledger = new DeadLedger(), TimeProvider = clock });

        var asked = guard.ReserveAsync(Paid, Cancellation).AsTask();
        for (var turn = 0; turn < 100_000 && !asked.IsCompleted; turn++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        if (behavior == UnavailableBehavior.Allow)
        {
            Assert.Equal(0.05m, (await asked).ClaimedCost);
        }
        else
        {
            Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => asked)).InnerException);
        }
    }

    [Fact]
    public async Task ReserveAsync_KeyWithoutBudgetsOrCounter_UsesTheSmallQuota()
    {
        var handler = new StubHandler()
            .On("GET key", """{"data":{"label":"old","limit":null,"rate_limit":{"requests":40,"interval":"10s"}}}""")
            .On("GET credits", """{"data":{"total_credits":8.99,"total_usage":0}}""");
        using var http = new HttpClient(handler);
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });

        var decision = await guard.EvaluateAsync(Free, Cancellation);

        Assert.Equal(50, decision.Limits.Single(limit => limit.Cause == BillingCause.FreeRequestsPerDay).Capacity);
    }

    [Theory]
    [InlineData("""{"data":{"limit":1,"limit_reset":"daily","usage":40,"usage_daily":0.97}}""", "0.03")]
    [InlineData("""{"data":{"limit":1,"limit_reset":null,"usage":0.96,"usage_daily":0}}""", "0.04")]
    [InlineData("""{"data":{"limit":1,"limit_reset":"fortnightly","usage":0.98,"usage_daily":0}}""", "0.02")]
    public async Task EvaluateAsync_CapWithoutWhatIsLeft_WorksItOutFromWhatWasSpent(string key, string left)
    {
        var decision = await EvaluateAsync(key);

        Assert.Equal(BillingCause.KeyLimit, decision.Refusal?.Cause);
        Assert.Equal(decimal.Parse(left, CultureInfo.InvariantCulture), decision.Refusal?.Limit?.Remaining);
    }

    [Fact]
    public async Task EvaluateAsync_CapOfWhichNothingElseIsKnown_IsNoPermissionToSpendIt() =>
        Assert.Equal(BillingCause.Unavailable, (await EvaluateAsync("""{"data":{"limit":1}}""")).Refusal?.Cause);

    [Fact]
    public async Task EvaluateAsync_ResetLiesBeforeTheReading_TheReadingDecides()
    {
        var decision = await EvaluateAsync("""
            {"data":{"limit":1,"limit_remaining":0,"limit_reset":"daily","budgets":[
              {"scope":"key_limit","limit_usd":1,"spend_usd":1,"remaining_usd":0,"reset_interval":"daily","resets_at":"2026-11-18T10:29:00Z"}]}}
            """);

        Assert.Equal(BillingCause.KeyLimit, decision.Refusal?.Cause);
    }

    [Fact]
    public async Task EvaluateAsync_TwoGuardrailsOnOneKey_AreTwoLimits()
    {
        var decision = await EvaluateAsync("""
            {"data":{"limit":null,"budgets":[
              {"scope":"api_key","limit_usd":1,"spend_usd":0.92,"remaining_usd":0.08,"reset_interval":"daily","guardrail_id":"one"},
              {"scope":"api_key","limit_usd":1,"spend_usd":0.92,"remaining_usd":0.08,"reset_interval":"daily","guardrail_id":"two"}]}}
            """);

        Assert.True(decision.IsAllowed);
        Assert.Equal(2, decision.Limits.Count(limit => limit.Cause == BillingCause.GuardrailBudget));
    }

    [Theory]
    [InlineData("not a key")]
    [InlineData("")]
    public async Task EvaluateAsync_WhatCannotBeAKey_IsRefusedWithoutAsking(string key)
    {
        using var http = new HttpClient(new StubHandler());
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });

        var decision = await guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = key }, Cancellation);

        Assert.Equal(BillingCause.Authentication, decision.Refusal?.Cause);
    }

    private static async Task<BillingGuardDecision> EvaluateAsync(string key)
    {
        using var http = new HttpClient(new StubHandler().On("GET key", key).On("GET credits", TestData.CreditsBody));
        var guard = new BillingGuard(http, TestData.Options(), new() { TimeProvider = new ManualTimeProvider() });
        return await guard.EvaluateAsync(Paid, Cancellation);
    }

    private sealed class DeadLedger : IBillingLedger
    {
        private static readonly Task<LedgerAnswer> Never = new TaskCompletionSource<LedgerAnswer>().Task;

        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => new(Never);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
            new(Task.FromException<IReadOnlyList<LimitUsage>>(new InvalidOperationException("The test's ledger is dead.")));

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
