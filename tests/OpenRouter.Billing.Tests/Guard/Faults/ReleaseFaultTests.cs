using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>A ledger that does not take back what a request on its way no longer needs.</summary>
public sealed class ReleaseFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_LedgerHangsWhenAnOfferedLeaseIsTooSmall_TheChatGoesOutAfterTheBound()
    {
        var never = new TaskCompletionSource();
        using var world = new GuardedStub(over: books => new StagedLedger(books) { BeforeRelease = () => never.Task });
        var chat = await OfferTooLittleAsync(world);

        await BillingClientKit.UntilAsync(() => world.Clock.PendingWaits is [var wait] && wait == world.Options.Guard.ReadingTimeout, "the guard to wait for its ledger");
        Assert.Equal(0, world.Chats);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        using var response = await chat.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Equal(1, world.Chats);
        never.SetResult();
    }

    [Fact]
    public async Task SendAsync_LedgerThrowsWhenAnOfferedLeaseIsTooSmall_TheChatGoesOutAndTheFaultIsTold()
    {
        using var world = new GuardedStub(over: books => new StagedLedger(books) { BeforeRelease = () => throw new IOException("The database is away.") });

        using var response = await (await OfferTooLittleAsync(world)).WaitAsync(BillingClientKit.Patience, Cancellation);

        Assert.Equal(1, world.Chats);
        Assert.Contains(world.Log.Entries, entry => entry.Event == "SettlementFailed" && entry.Text.Contains("The database is away.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReserveAsync_LedgerHangsWhenTheCallerLeavesTheBrakesPause_IsACancellationAfterTheBound()
    {
        var never = new TaskCompletionSource();
        using var world = new GuardedStub(
            options =>
            {
                options.Guard.Brake.Action = BrakeAction.SlowDown;
                options.Guard.Brake.MaxCost = 0.01m;
            },
            books => new StagedLedger(books) { BeforeRelease = () => never.Task });
        using var giveUp = new CancellationTokenSource();
        var request = new BillableRequest { Model = GuardedStub.PaidModel };
        await (await world.Guard.ReserveAsync(request, Cancellation)).SettleAsync(0.05m, Cancellation);
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 0, "the billing calls to end");

        var slowed = world.Guard.ReserveAsync(request, giveUp.Token).AsTask();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1 && world.Clock.PendingWaits[0] != world.Options.Guard.ReadingTimeout, "the pause");
        await giveUp.CancelAsync();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingWaits is [var wait] && wait == world.Options.Guard.ReadingTimeout, "the guard to wait for its ledger");
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slowed.WaitAsync(BillingClientKit.Patience, Cancellation));
        never.SetResult();
    }

    // What is offered is for another model, so that it is given back and claimed anew.
    private static async Task<Task<HttpResponseMessage>> OfferTooLittleAsync(GuardedStub world)
    {
        var request = new BillableRequest { Model = "another/model" };
        var handover = new BillingHandover(world.Guard, request, await world.Guard.ReserveAsync(request, Cancellation));
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 0, "the billing calls to end");
        using (handover.Begin())
        {
            return world.ChatAsync();
        }
    }
}
