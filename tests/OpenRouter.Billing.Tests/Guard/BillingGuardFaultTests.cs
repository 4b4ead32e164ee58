using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>What the guard decides when its ledger, its figures or its options are not as they should be.</summary>
public sealed class BillingGuardFaultTests
{
    private const string SpentCredits = """{"data":{"total_credits":1,"total_usage":1}}""";

    private static readonly BillableRequest Paid = new() { Model = GuardedStub.PaidModel };
    private static readonly LimitClaim Balance = LimitClaim.InUsDollars($"account/management/{HashOf(TestData.ManagementKey)}/balance", BillingCause.AccountCredits, 0, 100, default);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(UnavailableBehavior.Refuse)]
    [InlineData(UnavailableBehavior.Allow)]
    public async Task ReserveAsync_LedgerRefusesAndThenShowsRoom_IsRefused(UnavailableBehavior behavior)
    {
        using var world = new GuardedStub(options => options.Guard.WhenUnavailable = behavior, books => new ChangedItsMindLedger(books));

        for (var turn = 0; turn < 3; turn++)
        {
            var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
            Assert.Equal(9.5m, refusal.Remaining);
        }
    }

    [Fact]
    public async Task ReserveAsync_LedgerBlocksItsThread_IsRefusedWithinItsBound()
    {
        using var release = new ManualResetEventSlim();
        using var world = new GuardedStub(over: books => new StagedLedger(books) { BeforeAcquire = StagedLedger.Blocking(release) });
        await KnowFiguresAsync(world);

        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await WaitForLedgerAsync(world);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => asked)).InnerException);
        release.Set();
    }

    [Fact]
    public async Task SendAsync_LedgerBlocksItsThreadWhenBooking_TheAnswerDoesNotWaitForIt()
    {
        using var release = new ManualResetEventSlim();
        using var world = new GuardedStub(over: books => new StagedLedger(books) { BeforeSettle = StagedLedger.Blocking(release) });

        using var response = await world.ChatAsync().WaitAsync(BillingClientKit.Patience / 2, Cancellation);
        await response.Content.ReadAsStringAsync(Cancellation).WaitAsync(BillingClientKit.Patience / 2, Cancellation);

        Assert.Equal((0m, 0.05m), await BookedAsync(world));
        release.Set();
        await BillingClientKit.UntilAsync(() => BookedAsync(world).GetAwaiter().GetResult() == (0.001m, 0m), "the booking");
    }

    [Fact]
    public async Task ReserveAsync_GrantComesAfterTheRefusal_IsGivenBack()
    {
        var slow = new TaskCompletionSource();
        StagedLedger? ledger = null;
        using var world = new GuardedStub(over: books => ledger = new StagedLedger(books) { BeforeAcquire = () => slow.Task });
        await KnowFiguresAsync(world);
        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await WaitForLedgerAsync(world);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => asked);

        slow.SetResult();

        await IsGivenBackAsync(ledger!);
        Assert.Equal((0m, 0m), await BookedAsync(world));
    }

    [Theory]
    [InlineData(UnavailableBehavior.Refuse)]
    [InlineData(UnavailableBehavior.Allow)]
    public async Task ReserveAsync_GrantComesAfterTheCallerGaveUp_IsGivenBack(UnavailableBehavior behavior)
    {
        var slow = new TaskCompletionSource();
        StagedLedger? ledger = null;
        using var world = new GuardedStub(
            options => options.Guard.WhenUnavailable = behavior,
            books => ledger = new StagedLedger(books) { BeforeAcquire = () => slow.Task });
        await KnowFiguresAsync(world);
        using var giveUp = new CancellationTokenSource();
        var asked = world.Guard.ReserveAsync(Paid, giveUp.Token).AsTask();
        await WaitForLedgerAsync(world);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        slow.SetResult();

        await IsGivenBackAsync(ledger!);
        Assert.Equal((0m, 0m), await BookedAsync(world));
    }

    [Theory]
    [InlineData(UnavailableBehavior.Refuse)]
    [InlineData(UnavailableBehavior.Allow)]
    public async Task ReserveAsync_GrantComesLateWhileObserving_CountsTheRequestOnce(UnavailableBehavior behavior)
    {
        var slow = new TaskCompletionSource();
        using var world = new GuardedStub(
            options => (options.Guard.Mode, options.Guard.WhenUnavailable) = (BillingGuardMode.Observe, behavior),
            books => new StagedLedger(books) { BeforeAcquire = () => slow.Task });
        await KnowFiguresAsync(world);
        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        while (!asked.IsCompleted)
        {
            await BillingClientKit.UntilAsync(() => asked.IsCompleted || world.Clock.PendingTimers > 0, "the ledger to be waited for");
            world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        }

        await asked;
        slow.SetResult();

        await BillingClientKit.UntilAsync(() => BookedAsync(world).GetAwaiter().GetResult() == (0m, 0.05m), "one grant to be kept");
    }

    [Fact]
    public async Task ReserveAsync_GrantComesAfterTheRequestWasLetOut_IsKeptBecauseItCountsIt()
    {
        var slow = new TaskCompletionSource();
        StagedLedger? ledger = null;
        using var world = new GuardedStub(
            options => options.Guard.WhenUnavailable = UnavailableBehavior.Allow,
            books => ledger = new StagedLedger(books) { BeforeAcquire = () => slow.Task });
        await KnowFiguresAsync(world);
        var asked = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await WaitForLedgerAsync(world);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        Assert.Equal(0.05m, (await asked).ClaimedCost);

        slow.SetResult();
        await ledger!.Acquired.Task.WaitAsync(BillingClientKit.Patience, Cancellation);

        Assert.Equal((0m, 0.05m), await BookedAsync(world));
        Assert.False(ledger.Released.Task.IsCompleted);
    }

    [Fact]
    public async Task ReserveAsync_LedgerFailsBecauseTheCallerGaveUp_IsACancellation()
    {
        using var giveUp = new CancellationTokenSource();
        using var world = new GuardedStub(over: books => new StagedLedger(books)
        {
            BeforeAcquire = async () =>
            {
                await giveUp.CancelAsync();
                throw new TimeoutException("The statement was cancelled.");
            },
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await world.Guard.ReserveAsync(Paid, giveUp.Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task ReserveAsync_FigureDoesNotComeInTime_IsNotWaitedForASecondTime(int refusalAgeSeconds)
    {
        using var world = new GuardedStub(options => options.Guard.MaxRefusalReadingAge = TimeSpan.FromSeconds(refusalAgeSeconds));
        var never = new TaskCompletionSource<HttpResponseMessage>();
        world.Stub.On("GET credits", (_, _) => never.Task);

        var first = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => world.Stub.Count("GET key") == 1 && world.Stub.Count("GET credits") == 1, "the guard to ask");
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = world.Guard.ReserveAsync(Paid, Cancellation).AsTask();
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        // The key's figures are now too old to refuse on. The clock stands still from here on: a second wait would never end.
        await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => first.WaitAsync(BillingClientKit.Patience, Cancellation));
        await Assert.ThrowsAsync<BillingCheckUnavailableException>(() => second.WaitAsync(BillingClientKit.Patience, Cancellation));
        Assert.Equal(1, world.Stub.Count("GET credits"));
    }

    [Fact]
    public async Task ReserveAsync_WallClockIsSetBack_SpendingIsCountedFromThere()
    {
        using var world = new GuardedStub { CreditsBody = """{"data":{"total_credits":1,"total_usage":0.5}}""" };
        await KnowFiguresAsync(world);
        world.Clock.SetWallClock(TimeSpan.FromHours(-1));

        for (var sent = 0; sent < 10; sent++)
        {
            await (await world.Guard.ReserveAsync(Paid, Cancellation)).SettleAsync(0.05m, Cancellation);
        }

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));
        Assert.Equal(2, world.Stub.Count("GET credits"));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task ReserveAsync_ManagementKeyIsWrong_NamesItAndAdvisesNeitherToRepeatNorToSendUnchecked(HttpStatusCode status)
    {
        using var world = new GuardedStub();
        world.Stub.On("GET credits", () => StubHandler.Json($$$"""{"error":{"code":{{{(int)status}}},"message":"Only management keys can do this."}}""", status));

        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));

        Assert.Contains("OpenRouterBillingOptions.ManagementKey", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("WhenUnavailable", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ManagementKey, refusal.ToString(), StringComparison.Ordinal);
        Assert.False(refusal.Verdict.IsRetryable);
    }

    [Theory]
    [InlineData("tenant-secret")]
    [InlineData("Bearer sk-or-v1-secret")]
    public async Task ReserveAsync_WhatCannotBeAKey_IsShownNowhere(string key)
    {
        using var world = new GuardedStub();

        var refusal = await Assert.ThrowsAsync<KeyNotAcceptedException>(
            async () => await world.Guard.ReserveAsync(new BillableRequest { Model = "some/model", ApiKey = key }, Cancellation));

        Assert.DoesNotContain("secret", refusal.ToString(), StringComparison.Ordinal);
        Assert.All(world.Log.Entries, entry => Assert.DoesNotContain("secret", entry.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReserveAsync_LimitIsSmallerThanTheRequest_NeverOpens(bool isUnused)
    {
        using var world = new GuardedStub(options => options.Guard.PaidRequestClaim = 5)
        {
            KeyBody = """{"data":{"limit":1,"limit_remaining":LEFT,"limit_reset":"daily","usage":1}}""".Replace("LEFT", isUnused ? "1" : "0.5", StringComparison.Ordinal),
        };

        var refusal = await Assert.ThrowsAsync<KeyLimitExceededException>(async () => await world.Guard.ReserveAsync(Paid, Cancellation));

        Assert.Null(refusal.OpensAt);
        Assert.False(refusal.Verdict.IsRetryable);
        Assert.Equal(new DateTimeOffset(world.Clock.GetUtcNow().Date.AddDays(1), TimeSpan.Zero), refusal.ResetsAt);
        Assert.Contains("No reset makes room for it", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("It opens at", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReserveAsync_OptionsBecomeInvalid_IsRefusedUntilTheyAreRight()
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Billing:ApiKey", TestData.ApiKey), new("Billing:ManagementKey", TestData.ManagementKey)])
            .Build();
        using var stub = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody);
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(settings.GetSection("Billing")).HttpClient.ConfigurePrimaryHttpMessageHandler(() => stub);
        await using var provider = services.BuildServiceProvider();
        var guard = provider.GetRequiredService<IBillingGuard>();
        await (await guard.ReserveAsync(Paid, Cancellation)).ReleaseAsync(Cancellation);

        settings["Billing:Guard:PaidRequestClaim"] = "-1";
        // Whoever reloads is told as well, which is not what is looked at here.
        Record.Exception(settings.Reload);
        var refusal = await Assert.ThrowsAsync<BillingCheckUnavailableException>(async () => await guard.ReserveAsync(Paid, Cancellation));
        var decision = await guard.EvaluateAsync(Paid, Cancellation);
        settings["Billing:Guard:PaidRequestClaim"] = "0.25";
        settings.Reload();

        Assert.IsType<OptionsValidationException>(refusal.InnerException);
        Assert.Equal(BillingCause.Unavailable, decision.Refusal?.Cause);
        Assert.Equal(0.25m, (await guard.ReserveAsync(Paid, Cancellation)).ClaimedCost);
    }

    [Fact]
    public async Task ReserveAsync_ModelNameHasControlCharacters_NeitherMessageNorLogGetsANewLine()
    {
        using var world = new GuardedStub { CreditsBody = SpentCredits };
        var request = new BillableRequest { Model = "x\r\n2026-11-18 INFO all is well \u001b[31m\u0085\0" };

        var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(request, Cancellation));

        Assert.DoesNotContain(refusal.Message, char.IsControl);
        Assert.Contains("(model x??2026-11-18 INFO all is well ?[31m??)", refusal.Message, StringComparison.Ordinal);
        Assert.All(world.Log.Entries, entry => Assert.DoesNotContain(entry.Text, char.IsControl));
    }

    private static string HashOf(string key) => OpenRouter.Billing.Wire.KeyShape.Hash(key);

    private static async Task KnowFiguresAsync(GuardedStub world)
    {
        Assert.True((await world.Guard.EvaluateAsync(Paid, Cancellation)).IsAllowed);
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 0, "the billing calls to end");
    }

    private static Task WaitForLedgerAsync(GuardedStub world) =>
        BillingClientKit.UntilAsync(() => world.Clock.PendingWaits is [var wait] && wait == world.Options.Guard.ReadingTimeout, "the guard to wait for its ledger");

    private static async Task IsGivenBackAsync(StagedLedger ledger)
    {
        var granted = await ledger.Acquired.Task.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Equal(granted.Lease, await ledger.Released.Task.WaitAsync(BillingClientKit.Patience, Cancellation));
    }

    /// <summary>US dollars that are booked on the balance, and held.</summary>
    private static async Task<(decimal Used, decimal Held)> BookedAsync(GuardedStub world)
    {
        var usage = (await world.Ledger.PeekAsync([Balance], Cancellation))[0];
        return (usage.Settled / 1_000_000_000m, usage.Leased / 1_000_000_000m);
    }

    /// <summary>Refuses, and when asked why shows that nothing is used: another process has settled in between.</summary>
    private sealed class ChangedItsMindLedger(IBillingLedger books) : BrokenLedger(books)
    {
        public override async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
            LedgerAnswer.Refused(await Inner.PeekAsync(claims, cancellationToken));
    }
}
