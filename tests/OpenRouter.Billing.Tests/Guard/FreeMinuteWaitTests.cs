using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>Requests to free models may wait for the minute instead of being refused.</summary>
public sealed class FreeMinuteWaitTests
{
    private static readonly BillableRequest Free = new() { Model = GuardedStub.FreeModel };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_MinuteIsFull_WaitsUntilTheOldestIsOut()
    {
        using var world = Waiting(TimeSpan.FromMinutes(2));
        await FillAsync(world);

        var waiting = world.Guard.ReserveAsync(Free, Cancellation).AsTask();
        await SomebodyWaitsAsync(world);
        world.Clock.Advance(TimeSpan.FromSeconds(50));
        Assert.False(waiting.IsCompleted);
        world.Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Null((await waiting).Refusal);
    }

    [Fact]
    public async Task Reserve_ManyWait_AllGoOutInTurnAndNeverMoreThanTheMinuteTakes()
    {
        using var world = Waiting(TimeSpan.FromMinutes(10), perMinute: 2);
        await FillAsync(world, 2);
        var passed = new List<int>();
        var waiting = new List<Task>();
        for (var number = 0; number < 7; number++)
        {
            waiting.Add(PassAsync(number));
        }

        for (var minute = 1; minute <= 4; minute++)
        {
            await SomebodyWaitsAsync(world);
            world.Clock.Advance(TimeSpan.FromSeconds(61));
            var expected = Math.Min(7, 2 * minute);
            await BillingClientKit.UntilAsync(() => Count() == expected, $"{expected} to have passed");
        }

        await Task.WhenAll(waiting);
        // Two of one minute may be noted in either order.
        Assert.Equal([[0, 1], [2, 3], [4, 5], [6]], passed.Chunk(2).Select(minute => minute.Order().ToArray()));

        async Task PassAsync(int number)
        {
            var lease = await world.Guard.ReserveAsync(Free, Cancellation);
            lock (passed)
            {
                passed.Add(number);
            }

            await lease.SettleAsync(0, Cancellation);
        }

        int Count()
        {
            lock (passed)
            {
                return passed.Count;
            }
        }
    }

    [Fact]
    public async Task Reserve_WouldWaitTooLong_IsRefusedAtOnce()
    {
        using var world = Waiting(TimeSpan.FromSeconds(5));
        await FillAsync(world);

        var refusal = await Assert.ThrowsAsync<FreeModelQuotaExceededException>(async () => await world.Guard.ReserveAsync(Free, Cancellation));

        Assert.Equal(BillingCause.FreeRequestsPerMinute, refusal.Verdict.Cause);
    }

    [Fact]
    public async Task Reserve_PatienceEndsInLine_IsRefused()
    {
        using var world = Waiting(TimeSpan.FromSeconds(61), perMinute: 1);
        await FillAsync(world, 1);
        var first = world.Guard.ReserveAsync(Free, Cancellation).AsTask();
        await SomebodyWaitsAsync(world);
        var second = world.Guard.ReserveAsync(Free, Cancellation).AsTask();

        world.Clock.Advance(TimeSpan.FromSeconds(62));

        await first;
        await Assert.ThrowsAsync<FreeModelQuotaExceededException>(() => second);
    }

    [Fact]
    public async Task Reserve_GivenUpWhileWaiting_LeavesTheLineToOthers()
    {
        using var world = Waiting(TimeSpan.FromMinutes(2), perMinute: 1);
        await FillAsync(world, 1);
        using var patience = new CancellationTokenSource();
        var first = world.Guard.ReserveAsync(Free, patience.Token).AsTask();
        await SomebodyWaitsAsync(world);
        var second = world.Guard.ReserveAsync(Free, Cancellation).AsTask();

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await BillingClientKit.UntilAsync(() => world.Clock.PendingWaits.Any(wait => wait < TimeSpan.FromMinutes(2)), "the second to be at the head");
        world.Clock.Advance(TimeSpan.FromSeconds(62));

        await second;
    }

    [Fact]
    public async Task Evaluate_MinuteIsFull_NeverWaits()
    {
        using var world = Waiting(TimeSpan.FromMinutes(2));
        await FillAsync(world);

        var decision = await world.Guard.EvaluateAsync(Free, Cancellation);

        Assert.Equal(BillingCause.FreeRequestsPerMinute, decision.Refusal?.Cause);
    }

    [Fact]
    public async Task Reserve_MinuteIsFullWhileObserving_GoesOutAtOnce()
    {
        using var world = Waiting(TimeSpan.FromMinutes(2));
        world.Options.Guard.Mode = BillingGuardMode.Observe;
        await FillAsync(world);

        var lease = await world.Guard.ReserveAsync(Free, Cancellation).AsTask().WaitAsync(BillingClientKit.Patience, Cancellation);

        Assert.Equal(BillingCause.FreeRequestsPerMinute, lease.Refusal?.Cause);
    }

    private static GuardedStub Waiting(TimeSpan patience, int perMinute = 20) => new(options =>
    {
        (options.Guard.FreeMinuteWait, options.Guard.FreeRequestsPerMinute) = (patience, perMinute);
        options.Guard.RefreshAfter = options.Guard.MaxReadingAge = options.Guard.MaxRefusalReadingAge = TimeSpan.FromHours(1);
    });

    private static async Task FillAsync(GuardedStub world, int count = 20)
    {
        for (var sent = 0; sent < count; sent++)
        {
            await (await world.Guard.ReserveAsync(Free, Cancellation)).SettleAsync(0, Cancellation);
        }
    }

    private static Task SomebodyWaitsAsync(GuardedStub world) =>
        BillingClientKit.UntilAsync(() => world.Clock.PendingWaits.Any(wait => wait > TimeSpan.Zero && wait <= TimeSpan.FromSeconds(61)), "somebody to wait for the minute");
}
