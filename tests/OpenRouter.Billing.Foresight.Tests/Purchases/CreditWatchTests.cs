using System.Net;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>Credits that were paid for are noticed when they arrive, told apart from spending, and given up in time.</summary>
public sealed class CreditWatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitForCreditsAsync_TheyArrive_SaysSoWithinAPause()
    {
        using var world = new PurchaseWorld();
        world.Arrive(TimeSpan.FromMinutes(7), 25);
        var began = world.Clock.GetUtcNow();

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token));

        Assert.Equal((CreditArrivalStage.Arrived, 25m, 0m, 10m, 35m), (arrival.Stage, arrival.Arrived, arrival.Missing, arrival.CreditsBefore, arrival.CreditsNow));
        Assert.True(arrival.IsOver);
        Assert.Null(arrival.NextLookAt);
        Assert.InRange(arrival.At - began, TimeSpan.FromMinutes(7), TimeSpan.FromMinutes(8));
    }

    [Fact]
    public async Task WaitForCreditsAsync_TheAccountSpendsMeanwhile_IsNotMisled()
    {
        using var world = new PurchaseWorld();
        var began = world.Clock.GetUtcNow();
        // It spends more than arrives, so the balance only falls.
        world.Usage = () => 1.5m + (decimal)(world.Clock.GetUtcNow() - began).TotalMinutes;
        world.Arrive(TimeSpan.FromMinutes(20), 5);

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(5m, cancellationToken: Token));

        Assert.Equal(CreditArrivalStage.Arrived, arrival.Stage);
    }

    [Fact]
    public async Task WaitForCreditsAsync_NothingArrives_GoesThroughAllStagesAndEndsAfterAnHour()
    {
        using var world = new PurchaseWorld();
        var seen = new List<CreditArrival>();
        var began = world.Clock.GetUtcNow();

        var last = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, Reference = "R-17" }, new Told(seen), Token));

        Assert.Equal(began + TimeSpan.FromHours(1), last.At);
        Assert.Equal(
            [CreditArrivalStage.Waiting, CreditArrivalStage.Slow, CreditArrivalStage.TicketAdvised, CreditArrivalStage.Late],
            seen.Select(look => look.Stage).Distinct());
        Assert.All(seen, look => Assert.Equal(StageAfter(look.At - began), look.Stage));
        Assert.Equal(last, seen[^1]);
        Assert.Equal(world.Looks, last.Looks);
    }

    [Fact]
    public async Task WaitForCreditsAsync_AnHour_LooksGentlyAndEverMoreRarely()
    {
        using var world = new PurchaseWorld();
        var seen = new List<CreditArrival>();

        await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, new Told(seen), Token));

        var pauses = seen.Zip(seen.Skip(1), (one, next) => next.At - one.At).ToArray();
        Assert.Equal(TimeSpan.FromSeconds(5), pauses[0]);
        Assert.All(pauses.SkipLast(1).Zip(pauses.Skip(1).SkipLast(1)), pair => Assert.True(pair.First <= pair.Second));
        Assert.All(pauses, pause => Assert.True(pause <= TimeSpan.FromMinutes(1)));
        Assert.InRange(world.Looks, 55, 75);
    }

    [Fact]
    public async Task WaitForCreditsAsync_APartArrives_SaysWhatIsMissing()
    {
        using var world = new PurchaseWorld();
        world.Arrive(TimeSpan.FromMinutes(3), 10);

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token));

        Assert.Equal((CreditArrivalStage.Partly, 10m, 15m), (arrival.Stage, arrival.Arrived, arrival.Missing));
    }

    [Fact]
    public async Task WaitForCreditsAsync_TheyWereThereBeforeTheFirstLook_AreFoundByWhatWasThereBefore()
    {
        using var world = new PurchaseWorld { InitialCredits = 35 };
        var paidAt = world.Clock.GetUtcNow() - TimeSpan.FromMinutes(40);

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, CreditsBefore = 10, PaidAt = paidAt }, cancellationToken: Token));
        var late = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, PaidAt = paidAt - TimeSpan.FromHours(1) }, cancellationToken: Token));

        Assert.Equal((CreditArrivalStage.Arrived, 1), (arrival.Stage, arrival.Looks));
        Assert.Equal((CreditArrivalStage.Late, 1), (late.Stage, late.Looks));
    }

    [Fact]
    public async Task WaitForCreditsAsync_AnotherPurchaseIsRefundedMeanwhile_DoesNotHideThem()
    {
        using var world = new PurchaseWorld { InitialCredits = 100 };
        world.Arrive(TimeSpan.FromMinutes(2), -40);
        world.Arrive(TimeSpan.FromMinutes(9), 25);

        Assert.Equal(CreditArrivalStage.Arrived, (await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token))).Stage);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    public async Task WaitForCreditsAsync_SomeLooksFail_GoesOnLooking(HttpStatusCode status)
    {
        using var world = new PurchaseWorld();
        var looks = 0;
        world.Fault = () => ++looks is > 1 and < 6 ? PurchaseWorld.Failure(status) : null;
        world.Arrive(TimeSpan.FromSeconds(1), 25);

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token));

        Assert.Equal((CreditArrivalStage.Arrived, 6, 4), (arrival.Stage, arrival.Looks, arrival.FailedLooks));
    }

    [Fact]
    public async Task WaitForCreditsAsync_ServerAsksToWait_Waits()
    {
        using var world = new PurchaseWorld();
        var seen = new List<CreditArrival>();
        world.Fault = () => seen.Count == 1 ? PurchaseWorld.Failure(HttpStatusCode.TooManyRequests, retryAfter: 300) : null;

        await world.FinishAsync(world.Purchases.WaitForCreditsAsync(25m, new Told(seen), Token));

        Assert.Equal(TimeSpan.FromSeconds(300), seen[2].At - seen[1].At);
    }

    [Fact]
    public async Task WaitForCreditsAsync_EveryLookFails_IsLateAndSaysThatNobodyKnows()
    {
        using var world = new PurchaseWorld { Fault = () => PurchaseWorld.Failure(HttpStatusCode.InternalServerError) };

        var arrival = await world.FinishAsync(world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, CreditsBefore = 10 }, cancellationToken: Token));

        Assert.Equal((CreditArrivalStage.Late, null), (arrival.Stage, arrival.CreditsNow));
        Assert.Equal(arrival.Looks, arrival.FailedLooks);
        Assert.Contains("could not be read", arrival.Advice, StringComparison.Ordinal);
        Assert.Contains("could not be read", arrival.ToTicket(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForCreditsAsync_FirstLookFailsAndNobodyKnowsWhatWasThere_Throws()
    {
        using var world = new PurchaseWorld { Fault = () => PurchaseWorld.Failure(HttpStatusCode.InternalServerError) };

        await Assert.ThrowsAsync<OpenRouterApiException>(() => world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task WaitForCreditsAsync_KeyMayNotLook_ThrowsAtOnce(HttpStatusCode status)
    {
        using var world = new PurchaseWorld { Fault = () => PurchaseWorld.Failure(status) };

        await Assert.ThrowsAsync<OpenRouterApiException>(() => world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, CreditsBefore = 10 }, cancellationToken: Token));

        Assert.Equal(1, world.Looks);
    }

    [Fact]
    public async Task WaitForCreditsAsync_Cancelled_EndsAtOnce()
    {
        using var world = new PurchaseWorld();
        using var impatience = new CancellationTokenSource();
        var waiting = world.Purchases.WaitForCreditsAsync(25m, cancellationToken: impatience.Token);
        await world.Clock.WaitForTimerAsync(Token);

        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, world.Clock.PendingTimers);
    }

    [Fact]
    public async Task WaitForCreditsAsync_ClockIsSetBack_StillEndsAfterAnHour()
    {
        using var world = new PurchaseWorld();
        var elapsed = world.Clock.GetTimestamp();
        var waiting = world.Purchases.WaitForCreditsAsync(25m, cancellationToken: Token);
        await BillingClientKit.UntilAsync(() => world.Clock.PendingWaits.Any(wait => wait < TimeSpan.FromDays(2)), "a pause");
        world.Clock.SetWallClock(TimeSpan.FromDays(-3));

        Assert.Equal(CreditArrivalStage.Late, (await world.FinishAsync(waiting)).Stage);
        Assert.Equal(TimeSpan.FromHours(1), world.Clock.GetElapsedTime(elapsed));
    }

    [Fact]
    public async Task ToTicket_Late_HoldsTheFactsAndNoSecret()
    {
        using var world = new PurchaseWorld();
        world.Arrive(TimeSpan.FromMinutes(3), 10);
        var ticket = (await world.FinishAsync(world.Purchases.WaitForCreditsAsync(new ExpectedCredits { Credits = 25, Reference = "receipt 2041-17" }, cancellationToken: Token))).ToTicket();

        Assert.Contains("- Paid at: 2026-11-18 10:30:00 UTC\n", ticket, StringComparison.Ordinal);
        Assert.Contains("- Credits expected: 25.00 USD\n", ticket, StringComparison.Ordinal);
        Assert.Contains("- Credits that arrived: 10.00 USD\n", ticket, StringComparison.Ordinal);
        Assert.Contains("- Reference: receipt 2041-17\n", ticket, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", ticket, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(-1, null)]
    [InlineData(25, TestData.ApiKey)]
    public void WatchCreditsAsync_ThatCannotBe_ThrowsAtOnce(int credits, string? reference)
    {
        using var world = new PurchaseWorld();

        var fault = Assert.ThrowsAny<ArgumentException>(() => world.Purchases.WatchCreditsAsync(new ExpectedCredits { Credits = credits, Reference = reference }, Token));

        Assert.DoesNotContain("1111", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, world.Looks);
    }

    private static CreditArrivalStage StageAfter(TimeSpan waited) => waited.TotalMinutes switch
    {
        < 15 => CreditArrivalStage.Waiting,
        < 30 => CreditArrivalStage.Slow,
        < 60 => CreditArrivalStage.TicketAdvised,
        _ => CreditArrivalStage.Late,
    };

    private sealed class Told(List<CreditArrival> seen) : IProgress<CreditArrival>
    {
        public void Report(CreditArrival value) => seen.Add(value);
    }
}
