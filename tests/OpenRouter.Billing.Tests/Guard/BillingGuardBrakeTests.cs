using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>What the guard does with a request that the brake slows down or lets out as a probe.</summary>
public sealed class BillingGuardBrakeTests
{
    private static readonly BillableRequest Loop = new() { Model = GuardedStub.PaidModel, Fingerprint = 7 };
    private static readonly BillableRequest Else = Loop with { Fingerprint = 8 };
    private static readonly TimeSpan Delay = new RunawayBrakeOptions().Delay;
    private static readonly TimeSpan Break = new RunawayBrakeOptions().BreakDuration;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReserveAsync_SlowedDown_GoesOutAfterTheDelay()
    {
        using var world = new BrakeWorld(SlowDown);
        await world.Guard.ReserveAsync(Loop, Cancellation);

        var slowed = world.Guard.ReserveAsync(Loop, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => slowed.IsCompleted || world.Clock.PendingWaits is [var wait] && wait == Delay, "the delay");
        Assert.False(slowed.IsCompleted);
        world.Clock.Advance(Delay);

        Assert.Equal(0.05m, (await Soon(slowed)).ClaimedCost);
        Assert.Single(world.Brake.Trips);
        await world.IsToldAsync(1);
    }

    [Fact]
    public async Task ReserveAsync_SlowedDownWhileObserving_DoesNotWait()
    {
        using var world = new BrakeWorld(SlowDown, options => options.Guard.Mode = BillingGuardMode.Observe);
        await world.Guard.ReserveAsync(Loop, Cancellation);

        await Soon(world.Guard.ReserveAsync(Loop, Cancellation).AsTask());

        Assert.Single(world.Brake.Trips);
    }

    [Fact]
    public async Task ReserveAsync_SlowedDownAndRefusedAllTheSame_IsRefusedAtOnce()
    {
        using var world = new BrakeWorld(SlowDown, options => options.Guard.Budgets.Add(new() { Limit = 1 }));
        await world.Guard.ReserveAsync(Loop, Cancellation);
        var slowed = world.Guard.ReserveAsync(Loop, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1, "the delay");
        world.Clock.Advance(Delay);
        await slowed;
        world.Options.Guard.PaidRequestClaim = 2;

        await Assert.ThrowsAsync<BudgetExceededException>(() => Soon(world.Guard.ReserveAsync(Else, Cancellation).AsTask()));
    }

    [Fact]
    public async Task ReserveAsync_GivenUpWhileSlowedDown_HoldsNothing()
    {
        using var world = new BrakeWorld(SlowDown, options => options.Guard.Budgets.Add(new() { Limit = 1 }));
        await (await world.Guard.ReserveAsync(Loop, Cancellation)).ReleaseAsync(Cancellation);
        using var impatience = new CancellationTokenSource();
        var slowed = world.Guard.ReserveAsync(Loop, impatience.Token).AsTask();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1, "the delay");

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(slowed));

        Assert.All((await world.Guard.EvaluateAsync(Else, Cancellation)).Limits, limit => Assert.Equal(0, limit.Held));
    }

    [Fact]
    public async Task ReserveAsync_ProbeIsRefusedByAnotherLimit_IsLeftToTheNext()
    {
        using var world = new BrakeWorld(Trip, options => options.Guard.Budgets.Add(new() { Limit = 1 }));
        await TripAsync(world.Guard, world.Clock);

        world.Options.Guard.PaidRequestClaim = 2;
        await Assert.ThrowsAsync<BudgetExceededException>(async () => await world.Guard.ReserveAsync(Else, Cancellation));
        world.Options.Guard.PaidRequestClaim = 0.05m;
        await world.Guard.ReserveAsync(Else with { Fingerprint = 9 }, Cancellation);

        await Assert.ThrowsAsync<RunawayBrakeTrippedException>(async () => await world.Guard.ReserveAsync(Else with { Fingerprint = 10 }, Cancellation));
    }

    [Fact]
    public async Task ReserveAsync_ProbeIsGivenUp_IsLeftToTheNext()
    {
        StagedLedger ledger = null!;
        using var world = new GuardedStub(
            options =>
            {
                options.Guard.RefreshAfter = options.Guard.MaxReadingAge = options.Guard.MaxRefusalReadingAge = TimeSpan.FromDays(40);
                Trip(options.Guard.Brake);
            },
            books => ledger = new StagedLedger(books));
        await TripAsync(world.Guard, world.Clock);
        var gate = new TaskCompletionSource();
        ledger.BeforeAcquire = () => gate.Task;
        using var impatience = new CancellationTokenSource();
        var probe = world.Guard.ReserveAsync(Else, impatience.Token).AsTask();

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(probe));
        gate.SetResult();

        await world.Guard.ReserveAsync(Else with { Fingerprint = 9 }, Cancellation);
    }

    private static void SlowDown(RunawayBrakeOptions brake) => (brake.Action, brake.MaxRepeats) = (BrakeAction.SlowDown, 1);

    private static void Trip(RunawayBrakeOptions brake) => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 1);

    // Half open afterwards: one probe is let out.
    private static async Task TripAsync(BillingGuard guard, ManualTimeProvider clock)
    {
        await (await guard.ReserveAsync(Loop, Cancellation)).ReleaseAsync(Cancellation);
        await Assert.ThrowsAsync<RunawayBrakeTrippedException>(async () => await guard.ReserveAsync(Loop, Cancellation));
        await BillingClientKit.UntilAsync(() => clock.PendingTimers == 0, "whoever is told to be done");
        clock.Advance(Break);
    }

    private static Task<BillingLease> Soon(Task<BillingLease> reserving) => reserving.WaitAsync(BillingClientKit.Patience, Cancellation);
}
