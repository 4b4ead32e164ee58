using OpenRouter.Billing.Foresight.Tests.Purchases;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>The app's hook is called when it is time, once, and what it bought is waited for.</summary>
public sealed class BillingReloadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnceAsync_Due_BuysRecordsAndWaits()
    {
        using var world = new ReloadWorld();
        world.Buys(TimeSpan.FromMinutes(6));

        var report = await world.Account.FinishAsync(world.Process().RunOnceAsync(cancellationToken: Token));

        Assert.Equal((ReloadOutcome.Arrived, 25m, null), (report.Outcome, report.Arrival!.Arrived, report.Fault));
        Assert.Equal((25m, report.Id), (world.Calls.Single().Request.Amount, world.Calls.Single().Request.Id));
        Assert.Equal(("receipt 1", 25m), (await world.Account.Purchases.ReadRecordedAsync(Token)).Select(purchase => (purchase.Id, purchase.Credits)).Single());
    }

    [Theory]
    [InlineData(0, ReloadOutcome.Late)]
    [InlineData(10, ReloadOutcome.Partly)]
    public async Task RunOnceAsync_CreditsDoNotCome_SaysSoAfterAnHour(int arrives, ReloadOutcome outcome)
    {
        using var world = new ReloadWorld();
        world.Buys(TimeSpan.FromMinutes(6), arrives);

        var report = await world.Account.FinishAsync(world.Process().RunOnceAsync(cancellationToken: Token));

        Assert.Equal((outcome, "receipt 1"), (report.Outcome, report.Arrival!.Reference));
    }

    [Fact]
    public async Task RunOnceAsync_BalanceAboveTheThreshold_CallsNobody()
    {
        using var world = new ReloadWorld { Balance = 21 };

        Assert.Equal(ReloadOutcome.NotDue, (await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);
        Assert.Empty(world.Calls);
        Assert.Equal(0, world.Account.Looks);
    }

    [Fact]
    public async Task RunOnceAsync_ManyProcessesAtOnce_CallOnce()
    {
        using var world = new ReloadWorld();
        using var together = new Barrier(8);

        var reports = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(Token);
                return world.Process().RunOnceAsync(cancellationToken: Token);
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));

        Assert.Single(world.Calls);
        Assert.Single(reports, report => report.Outcome == ReloadOutcome.Declined);
        Assert.All(reports.Where(report => report.Id is null), report => Assert.True(report.Outcome is ReloadOutcome.TakenByAnother or ReloadOutcome.CoolingDown));
    }

    [Fact]
    public async Task RunOnceAsync_AfterTheCooldown_CallsAgainUntilTheDayIsFull()
    {
        using var world = new ReloadWorld();
        var outcomes = new List<ReloadOutcome>();
        for (var hour = 0; hour < 12; hour++)
        {
            outcomes.Add((await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);
            world.Account.Clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(
            [ReloadOutcome.Declined, ReloadOutcome.CoolingDown, ReloadOutcome.Declined, ReloadOutcome.CoolingDown, .. Enumerable.Repeat(ReloadOutcome.DayIsFull, 8)],
            outcomes);
        world.Account.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(ReloadOutcome.Declined, (await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);
    }

    [Fact]
    public async Task RunOnceAsync_AmountOfTheDayIsUp_CallsNobody()
    {
        using var world = new ReloadWorld();
        (world.Options.MaxPerDay, world.Options.MaxAmountPerDay) = (9, 60);
        var outcomes = new List<ReloadOutcome>();
        for (var turn = 0; turn < 3; turn++)
        {
            outcomes.Add((await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);
            world.Account.Clock.Advance(TimeSpan.FromHours(2));
        }

        Assert.Equal([ReloadOutcome.Declined, ReloadOutcome.Declined, ReloadOutcome.DayIsFull], outcomes);
    }

    [Fact]
    public async Task RunOnceAsync_HookFails_ReportsItAndCoolsDown()
    {
        using var world = new ReloadWorld { Hook = (_, _) => throw new InvalidOperationException("card declined") };

        var report = await world.Process().RunOnceAsync(cancellationToken: Token);

        Assert.Equal((ReloadOutcome.Failed, "card declined"), (report.Outcome, report.Fault!.Message));
        Assert.Equal(ReloadOutcome.CoolingDown, (await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);
    }

    [Fact]
    public async Task RunOnceAsync_HookHangsAndIgnoresItsToken_IsGivenUp()
    {
        using var world = new ReloadWorld { Hook = (_, _) => new ValueTask<ReloadAnswer>(new TaskCompletionSource<ReloadAnswer>().Task) };
        world.Options.CallTimeout = TimeSpan.FromMinutes(2);

        var report = await world.Account.FinishAsync(world.Process().RunOnceAsync(cancellationToken: Token));

        Assert.Equal(ReloadOutcome.Failed, report.Outcome);
        Assert.IsType<TimeoutException>(report.Fault);
    }

    [Fact]
    public async Task RunOnceAsync_ProcessEndsBetweenClaimAndCall_NobodyCallsInTheCooldown()
    {
        using var dying = new CancellationTokenSource();
        using var world = new ReloadWorld(state => new SpoiledState(state) { AfterWrite = dying.Cancel });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Process().RunOnceAsync(cancellationToken: dying.Token));
        Assert.Equal(ReloadOutcome.CoolingDown, (await world.Process().RunOnceAsync(cancellationToken: Token)).Outcome);

        Assert.Empty(world.Calls);
    }

    [Fact]
    public async Task RunOnceAsync_WriteFailsAndNobodyKnowsWhetherItWasDone_CallsNobody()
    {
        using var world = new ReloadWorld(state => new SpoiledState(state) { AfterWrite = () => throw new TimeoutException("The database does not answer.") });

        await Assert.ThrowsAsync<TimeoutException>(() => world.Process().RunOnceAsync(cancellationToken: Token));

        Assert.Empty(world.Calls);
    }

    [Fact]
    public async Task RunOnceAsync_PurchaseCannotBeRecorded_IsWaitedForAndSaysSo()
    {
        var writes = 0;
        using var world = new ReloadWorld();
        world.Buys(TimeSpan.FromMinutes(6));
        var broken = new BillingPurchases(world.Account.Billing, world.Account.Options, new SpoiledState(world.Account.State) { BeforeWrite = () => throw new TimeoutException($"Write {++writes} failed.") }, world.Account.Clock);
        var reload = new BillingReload(() => world.Account.Billing, world, broken, world, world.State, "account", world.News, () => world.Options, world.Account.Clock);

        var report = await world.Account.FinishAsync(reload.RunOnceAsync(cancellationToken: Token));

        Assert.Equal(ReloadOutcome.Arrived, report.Outcome);
        Assert.IsType<TimeoutException>(report.Fault);
    }

    [Fact]
    public async Task RunOnceAsync_HookNamesAKey_IsNotKept()
    {
        using var world = new ReloadWorld();
        world.Hook = (request, _) =>
        {
            world.Account.Arrive(TimeSpan.Zero, request.Amount);
            return ValueTask.FromResult(new ReloadAnswer { Bought = request.Amount, Reference = TestData.ApiKey });
        };

        var report = await world.Account.FinishAsync(world.Process().RunOnceAsync(cancellationToken: Token));

        Assert.Equal(report.Id, (await world.Account.Purchases.ReadRecordedAsync(Token)).Single().Id);
        Assert.Equal(ReloadOutcome.Arrived, report.Outcome);
    }

    [Fact]
    public async Task AdviseAsync_Due_BuysNothing()
    {
        using var world = new ReloadWorld();

        Assert.True((await world.Process().AdviseAsync(Token)).IsDue);
        Assert.Empty(world.Calls);
    }
}
