using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>What every ledger must do. A test class per implementation derives from it; each test gets its own empty ledger.</summary>
public abstract class BillingLedgerContract
{
    private const long Lots = 1_000_000_000_000;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    protected ManualTimeProvider Clock { get; } = new();

    /// <summary>Opens an empty ledger that reads <see cref="Clock"/>.</summary>
    protected abstract ValueTask<IBillingLedger> OpenAsync();

    /// <summary>Gets how many bookings make months of use: fewer where each one is a trip to a server.</summary>
    protected virtual int BookingsOfMonths => 20_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => Clock.GetUtcNow();

    private DateTimeOffset LongAgo => Now - TimeSpan.FromDays(1000);

    [Fact]
    public async Task AcquireAsync_RoomForAll_HoldsAllUnderOneLease()
    {
        var ledger = await OpenAsync();
        var claims = new[] { Claims.Money("a", 3, 10, LongAgo), Claims.Money("b", 4, 4, LongAgo), Claims.Requests("c", 1, LongAgo) };

        var answer = await ledger.AcquireAsync(claims, Lease, Cancellation);

        Assert.NotNull(answer.Lease);
        Assert.Empty(answer.Usage);
        Assert.Equal([new LimitUsage(0, 3, null), new LimitUsage(0, 4, null), new LimitUsage(0, 1, null)], await ledger.PeekAsync(claims, Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AcquireAsync_OneLimitWithoutRoom_HoldsNothing(int tight)
    {
        var ledger = await OpenAsync();
        var claims = Enumerable.Range(0, 3).Select(index => Claims.Money($"limit{index}", 5, index == tight ? 4 : 5, LongAgo)).ToArray();

        var answer = await ledger.AcquireAsync(claims, Lease, Cancellation);

        Assert.Null(answer.Lease);
        Assert.Equal(new LimitUsage[3], answer.Usage);
        Assert.Equal(new LimitUsage[3], await ledger.PeekAsync(claims, Cancellation));
    }

    [Fact]
    public async Task AcquireAsync_Refused_TellsUsageInTheOrderOfTheClaims()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 2, Lots, LongAgo), 2);
        await HoldAsync(ledger, Claims.Money("b", 7, Lots, LongAgo));

        var answer = await ledger.AcquireAsync([Claims.Money("b", 1, 7, LongAgo), Claims.Money("a", 1, Lots, LongAgo)], Lease, Cancellation);

        Assert.Null(answer.Lease);
        Assert.Equal([(0L, 7L), (2L, 0L)], answer.Usage.Select(usage => (usage.Settled, usage.Leased)));
    }

    [Fact]
    public async Task AcquireAsync_NoClaims_IsGranted()
    {
        var ledger = await OpenAsync();

        var lease = (await ledger.AcquireAsync([], Lease, Cancellation)).Lease;

        Assert.NotNull(lease);
        await ledger.SettleAsync(lease.Value, LimitUnit.UsDollars, 5, Cancellation);
        await ledger.ReleaseAsync(lease.Value, Cancellation);
    }

    [Fact]
    public async Task AcquireAsync_ManyLeases_HaveDifferentIdentities()
    {
        var ledger = await OpenAsync();
        var leases = new HashSet<LeaseId>();
        for (var count = 0; count < 100; count++)
        {
            leases.Add(await HoldAsync(ledger, Claims.Money("a", 1, Lots, LongAgo)));
        }

        Assert.Equal(100, leases.Count);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, -1, false)]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(0, long.MinValue, false)]
    [InlineData(long.MaxValue, long.MaxValue, true)]
    [InlineData(long.MaxValue, long.MaxValue - 1, false)]
    [InlineData(long.MaxValue, long.MinValue, false)]
    public async Task AcquireAsync_UnusedLimit_IsGrantedWhenTheCapacityHoldsTheAmount(long amount, long capacity, bool granted)
    {
        var ledger = await OpenAsync();

        var answer = await ledger.AcquireAsync([Claims.Money("a", amount, capacity, LongAgo)], Lease, Cancellation);

        Assert.Equal(granted, answer.Lease is not null);
    }

    [Theory]
    [InlineData(long.MaxValue, 1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue, 0)]
    [InlineData(long.MaxValue / 2 + 1, long.MaxValue / 2 + 1, long.MaxValue)]
    [InlineData(1, long.MaxValue, long.MaxValue)]
    public async Task AcquireAsync_SumBeyondTheRangeOfTheFigures_IsRefusedNotWrappedAround(long held, long amount, long capacity)
    {
        var leased = await OpenAsync();
        await HoldAsync(leased, Claims.Money("a", held, long.MaxValue, LongAgo));
        var settled = leased;
        await SpendAsync(settled, Claims.Money("b", 0, long.MaxValue, LongAgo), held);

        Assert.Null((await leased.AcquireAsync([Claims.Money("a", amount, capacity, LongAgo)], Lease, Cancellation)).Lease);
        Assert.Null((await settled.AcquireAsync([Claims.Money("b", amount, capacity, LongAgo)], Lease, Cancellation)).Lease);
    }

    [Fact]
    public async Task SettleAsync_SumBeyondTheRangeOfTheFigures_ReadsAsTheMostThereIs()
    {
        var ledger = await OpenAsync();
        var claim = Claims.Money("a", 0, long.MaxValue, LongAgo);
        var leases = new[] { await HoldAsync(ledger, claim), await HoldAsync(ledger, claim), await HoldAsync(ledger, claim) };
        foreach (var lease in leases)
        {
            await ledger.SettleAsync(lease, LimitUnit.UsDollars, long.MaxValue, Cancellation);
        }

        var usage = Assert.Single(await ledger.PeekAsync([claim], Cancellation));
        var answer = await ledger.AcquireAsync([claim], Lease, Cancellation);

        Assert.Equal(long.MaxValue, usage.Settled);
        Assert.Null(answer.Lease);
    }

    [Fact]
    public async Task AcquireAsync_NegativeAmount_ThrowsAndHoldsNothing()
    {
        var ledger = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await ledger.AcquireAsync([Claims.Money("a", 5, 10, LongAgo), Claims.Money("b", -1, 10, LongAgo)], Lease, Cancellation));

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((0, 0), await UsedAsync(ledger, "b"));
    }

    [Theory]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    public async Task AcquireAsync_TwoClaimsOnOneLimit_AreAddedUp(long first, long second, bool granted)
    {
        var ledger = await OpenAsync();

        var answer = await ledger.AcquireAsync([Claims.Money("a", first, 6, LongAgo), Claims.Money("a", second, 100, LongAgo)], Lease, Cancellation);

        Assert.Equal(granted, answer.Lease is not null);
        Assert.Equal((0, granted ? 6 : 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_HoldsNothing()
    {
        var ledger = await OpenAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await ledger.AcquireAsync([Claims.Money("a", 5, 10, LongAgo)], Lease, new CancellationToken(canceled: true)));

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_LimitsThatDifferInCaseOnly_AreTwoLimits()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("key/a", 5, 5, LongAgo));

        Assert.NotNull((await ledger.AcquireAsync([Claims.Money("key/A", 5, 5, LongAgo)], Lease, Cancellation)).Lease);
    }

    [Fact]
    public async Task AcquireAsync_SettledUse_CountsSinceTheClaimsInstantOnly()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 4, Lots, LongAgo), 4);
        Clock.Advance(TimeSpan.FromSeconds(10));
        await SpendAsync(ledger, Claims.Money("a", 3, Lots, LongAgo), 3);

        Assert.Equal(7, await SettledAsync(ledger, "a", Now - TimeSpan.FromSeconds(10)));
        Assert.Equal(3, await SettledAsync(ledger, "a", Now - TimeSpan.FromSeconds(9)));
        Assert.Equal(3, await SettledAsync(ledger, "a", Now));
        Assert.Equal(0, await SettledAsync(ledger, "a", Now + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task AcquireAsync_OpenLease_CountsWhateverTheClaimsInstant()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("a", 4, Lots, LongAgo), TimeSpan.FromDays(2));
        Clock.Advance(TimeSpan.FromDays(1));

        Assert.Null((await ledger.AcquireAsync([Claims.Money("a", 1, 4, Now)], Lease, Cancellation)).Lease);
        Assert.Equal((0, 4), await UsedAsync(ledger, "a", Now + TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task AcquireAsync_CapacityThatShrank_IsTheOneThatCounts()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("a", 6, 10, LongAgo));

        Assert.Null((await ledger.AcquireAsync([Claims.Money("a", 1, 6, LongAgo)], Lease, Cancellation)).Lease);
        Assert.NotNull((await ledger.AcquireAsync([Claims.Money("a", 1, 7, LongAgo)], Lease, Cancellation)).Lease);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(25)]
    public async Task SettleAsync_BelowAtOrAboveTheClaim_ReplacesWhatWasHeld(long cost)
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation);

        Assert.Equal((cost, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_Repeated_CountsTheFirstTimeOnly()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 4, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 4, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 9, Cancellation);

        Assert.Equal((4, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_OneUnit_LeavesTheOtherHeld()
    {
        var ledger = await OpenAsync();
        var answer = await ledger.AcquireAsync([Claims.Money("money", 10, 10, LongAgo), Claims.Requests("day", 5, LongAgo), Claims.Requests("minute", 5, LongAgo)], Lease, Cancellation);
        var lease = answer.Lease!.Value;

        await ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation);

        Assert.Equal((1, 0), await UsedAsync(ledger, "day"));
        Assert.Equal((1, 0), await UsedAsync(ledger, "minute"));
        Assert.Equal((0, 10), await UsedAsync(ledger, "money"));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);

        Assert.Equal((3, 0), await UsedAsync(ledger, "money"));
        Assert.Equal((1, 0), await UsedAsync(ledger, "day"));
    }

    [Fact]
    public async Task SettleAsync_UnknownLease_ChangesNothing()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));

        await ledger.SettleAsync(new LeaseId(Guid.NewGuid()), LimitUnit.UsDollars, 4, Cancellation);
        await ledger.SettleAsync(default, LimitUnit.UsDollars, 4, Cancellation);
        await ledger.ReleaseAsync(new LeaseId(Guid.NewGuid()), Cancellation);

        Assert.Equal((0, 10), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_NegativeAmount_Throws()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await ledger.SettleAsync(lease, LimitUnit.UsDollars, -1, Cancellation));

        Assert.Equal((0, 10), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task ReleaseAsync_OpenLease_GivesEverythingBack()
    {
        var ledger = await OpenAsync();
        var answer = await ledger.AcquireAsync([Claims.Money("a", 10, 10, LongAgo), Claims.Requests("b", 1, LongAgo)], Lease, Cancellation);

        await ledger.ReleaseAsync(answer.Lease!.Value, Cancellation);
        await ledger.ReleaseAsync(answer.Lease!.Value, Cancellation);

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((0, 0), await UsedAsync(ledger, "b"));
    }

    [Fact]
    public async Task ReleaseAsync_OneUnitSettled_GivesBackTheOtherOnly()
    {
        var ledger = await OpenAsync();
        var answer = await ledger.AcquireAsync([Claims.Money("a", 10, 10, LongAgo), Claims.Requests("b", 1, LongAgo)], Lease, Cancellation);
        await ledger.SettleAsync(answer.Lease!.Value, LimitUnit.Requests, 1, Cancellation);

        await ledger.ReleaseAsync(answer.Lease!.Value, Cancellation);

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((1, 0), await UsedAsync(ledger, "b"));
    }

    [Fact]
    public async Task ReleaseAsync_AfterSettling_TakesNothingBack()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 4, Cancellation);

        await ledger.ReleaseAsync(lease, Cancellation);

        Assert.Equal((4, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_AfterRelease_ChangesNothing()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        await ledger.ReleaseAsync(lease, Cancellation);

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 4, Cancellation);

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task Expiry_UnsettledLease_CountsInFullAsOfItsExpiry()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        var expiry = Now + Lease;

        Clock.Advance(Lease - TimeSpan.FromTicks(1));
        Assert.Equal((0, 10), await UsedAsync(ledger, "a"));

        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((10, 0), await UsedAsync(ledger, "a"));

        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, await SettledAsync(ledger, "a", expiry));
        Assert.Equal(0, await SettledAsync(ledger, "a", expiry + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Expiry_NoticedLongAfter_IsBookedAtTheExpiryNotNow()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        var expiry = Now + Lease;

        Clock.Advance(TimeSpan.FromHours(20));

        Assert.Equal(10, await SettledAsync(ledger, "a", expiry));
        Assert.Equal(0, await SettledAsync(ledger, "a", expiry + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Expiry_OneUnitSettledBefore_BooksTheOtherOnly()
    {
        var ledger = await OpenAsync();
        var answer = await ledger.AcquireAsync([Claims.Money("a", 10, 10, LongAgo), Claims.Requests("b", 1, LongAgo)], Lease, Cancellation);
        await ledger.SettleAsync(answer.Lease!.Value, LimitUnit.Requests, 1, Cancellation);

        Clock.Advance(Lease);

        Assert.Equal((10, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((1, 0), await UsedAsync(ledger, "b"));
    }

    [Fact]
    public async Task SettleAsync_AfterExpiry_ReplacesTheFullAmountOnce()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        Clock.Advance(Lease + TimeSpan.FromMinutes(3));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 2, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 2, Cancellation);

        Assert.Equal((2, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task ReleaseAsync_AfterExpiry_TakesTheFullAmountBack()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo));
        Clock.Advance(Lease + TimeSpan.FromMinutes(3));

        await ledger.ReleaseAsync(lease, Cancellation);

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_AfterExpiryAndThousandsOfBookings_StillReplacesTheFullAmount()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 1_000_000, Lots, LongAgo));
        Clock.Advance(Lease);
        for (var count = 0; count < 3000; count++)
        {
            Clock.Advance(TimeSpan.FromSeconds(20));
            await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
        }

        Assert.Equal((1_003_000, 0), await UsedAsync(ledger, "a"));
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 7, Cancellation);

        Assert.Equal((3007, 0), await UsedAsync(ledger, "a"));
        Assert.Equal(7, await SettledAsync(ledger, "a", Now + TimeSpan.FromTicks(1)) - 1);
    }

    [Fact]
    public async Task Expiry_LeaseWithoutEnd_NeverExpires()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, 10, LongAgo), TimeSpan.MaxValue);
        Clock.Advance(TimeSpan.FromDays(3650));

        Assert.Equal((0, 10), await UsedAsync(ledger, "a"));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);
        Assert.Equal((1, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task PeekAsync_SlidingMinute_OpensOneWindowAfterItsOldestUse()
    {
        var ledger = await OpenAsync();
        var minute = TimeSpan.FromSeconds(60);
        for (var count = 0; count < 20; count++)
        {
            await ledger.SettleAsync(await HoldAsync(ledger, Claims.Requests("minute", 20, Now - minute)), LimitUnit.Requests, 1, Cancellation);
            Clock.Advance(TimeSpan.FromSeconds(1.7));
        }

        var refused = await ledger.AcquireAsync([Claims.Requests("minute", 20, Now - minute)], Lease, Cancellation);
        Assert.Null(refused.Lease);
        var opensAt = refused.Usage[0].Oldest!.Value + minute;

        Clock.Advance(opensAt - Now - TimeSpan.FromTicks(1));
        Assert.Null((await ledger.AcquireAsync([Claims.Requests("minute", 20, Now - minute)], Lease, Cancellation)).Lease);

        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.NotNull((await ledger.AcquireAsync([Claims.Requests("minute", 20, Now - minute)], Lease, Cancellation)).Lease);
    }

    [Fact]
    public async Task PeekAsync_Oldest_IsOfWhatCountsAndAtMostASecondLate()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
        Clock.Advance(TimeSpan.FromSeconds(30));
        var second = Now;
        await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
        Clock.Advance(TimeSpan.FromSeconds(5));

        var oldest = (await ledger.PeekAsync([Claims.Money("a", 0, 0, second)], Cancellation))[0].Oldest;

        Assert.NotNull(oldest);
        Assert.InRange(oldest.Value, second, second + TimeSpan.FromSeconds(1));
        Assert.Null((await ledger.PeekAsync([Claims.Money("a", 0, 0, Now)], Cancellation))[0].Oldest);
    }

    [Fact]
    public async Task PeekAsync_OnlyCostlessUse_HasNoOldest()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 5, Lots, LongAgo), 0);

        Assert.Equal([new LimitUsage(0, 0, null)], await ledger.PeekAsync([Claims.Money("a", 0, 0, LongAgo)], Cancellation));
    }

    [Fact]
    public async Task PeekAsync_UnknownLimit_IsUnused()
    {
        var ledger = await OpenAsync();

        Assert.Equal([default], await ledger.PeekAsync([Claims.Money("never seen", 5, 5, LongAgo)], Cancellation));
    }

    [Fact]
    public async Task Clock_SetBack_NeverCountsTooLittle()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
        Clock.Advance(TimeSpan.FromMinutes(-10));
        await SpendAsync(ledger, Claims.Money("a", 2, Lots, LongAgo), 2);
        var lease = await HoldAsync(ledger, Claims.Money("a", 4, Lots, LongAgo));

        Assert.Equal(3, await SettledAsync(ledger, "a", Now));
        Assert.Equal(4, (await UsedAsync(ledger, "a")).Leased);

        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.InRange(await SettledAsync(ledger, "a", Now - TimeSpan.FromMinutes(10)), 3, 3);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 5, Cancellation);
        Assert.Equal((8, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task Clock_SetBack_StillExpiresLeases()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
        Clock.Advance(TimeSpan.FromHours(-1));
        var lease = await HoldAsync(ledger, Claims.Money("a", 10, Lots, LongAgo));
        Clock.Advance(Lease);

        Assert.Equal((11, 0), await UsedAsync(ledger, "a"));
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 2, Cancellation);
        Assert.Equal((3, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettledUse_OverMonths_IsExactOnCalendarBoundariesAndNeverTooLow()
    {
        Clock.Advance(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) - Now);
        var ledger = await OpenAsync();
        var history = await SpendForAsync(ledger, TimeSpan.FromDays(120), BookingsOfMonths, new Random(7));
        var boundaries = Enumerable.Range(0, 121).Select(day => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day));

        foreach (var boundary in boundaries)
        {
            Assert.Equal(TrueSum(history, boundary), await SettledAsync(ledger, "a", boundary));
        }

        var random = new Random(8);
        for (var count = 0; count < 2000; count++)
        {
            var since = Now - (random.NextDouble() * TimeSpan.FromDays(121));
            Assert.True(await SettledAsync(ledger, "a", since) >= TrueSum(history, since));
        }
    }

    [Fact]
    public async Task SettledUse_OneLagBeforeMidnight_CountsNoHourOfYesterday()
    {
        Clock.Advance(new DateTimeOffset(2026, 11, 18, 20, 0, 0, TimeSpan.Zero) - Now);
        var ledger = await OpenAsync();
        // Many bookings all evening and all day, so that a ledger that thins out its past has done so.
        var history = await SpendForAsync(ledger, TimeSpan.FromHours(27.5), 5000, new Random(9));
        var since = new DateTimeOffset(2026, 11, 19, 0, 0, 0, TimeSpan.Zero) - TimeSpan.FromSeconds(60);

        Assert.Equal(TrueSum(history, since), await SettledAsync(ledger, "a", since));
    }

    [Fact]
    public async Task AcquireAsync_ManyAtOnce_NeverPassTheCapacityAndLoseNothing()
    {
        const int Callers = 64;
        const int Rounds = 200;
        const long Capacity = 100_000;
        var ledger = await OpenAsync();
        long spent = 0;
        long granted = 0;
        long mostSeen = 0;
        var since = LongAgo;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(new Random(caller)), Cancellation)));

        Assert.True(mostSeen <= Capacity, $"{mostSeen} of {Capacity}");
        Assert.Equal((spent, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((granted, 0), await UsedAsync(ledger, "b"));
        // The run is about the limit, so it must have been reached.
        Assert.True(granted < Callers * Rounds && spent > Capacity / 2, $"{granted} granted, {spent} spent");

        async Task CallAsync(Random random)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var answer = await ledger.AcquireAsync([Claims.Money("a", 50, Capacity, since), Claims.Requests("b", Lots, since)], Lease, Cancellation);
                if (answer.Lease is not { } lease)
                {
                    continue;
                }

                Interlocked.Increment(ref granted);
                var usage = (await ledger.PeekAsync([Claims.Money("a", 0, 0, since)], Cancellation))[0];
                InterlockedMax(ref mostSeen, usage.Settled + usage.Leased);
                var cost = random.Next(0, 51);
                Interlocked.Add(ref spent, cost);
                await Task.WhenAll(
                    ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation).AsTask(),
                    ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation).AsTask(),
                    ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation).AsTask());
            }
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static long TrueSum(List<(DateTimeOffset At, long Amount)> history, DateTimeOffset since)
    {
        var sum = 0L;
        for (var index = history.Count - 1; index >= 0 && history[index].At >= since; index--)
        {
            sum += history[index].Amount;
        }

        return sum;
    }

    private async Task<List<(DateTimeOffset At, long Amount)>> SpendForAsync(IBillingLedger ledger, TimeSpan period, int bookings, Random random)
    {
        var history = new List<(DateTimeOffset At, long Amount)>(bookings);
        for (var count = 0; count < bookings; count++)
        {
            Clock.Advance(2 * random.NextDouble() * period / bookings);
            var amount = random.Next(0, 1000);
            await SpendAsync(ledger, Claims.Money("a", 1000, long.MaxValue, Now), amount);
            history.Add((Now, amount));
        }

        return history;
    }

    private static async Task<LeaseId> HoldAsync(IBillingLedger ledger, LimitClaim claim, TimeSpan? duration = null) =>
        (await ledger.AcquireAsync([claim], duration ?? Lease, Cancellation)).Lease ?? throw new InvalidOperationException("The test expected a grant.");

    private static async Task SpendAsync(IBillingLedger ledger, LimitClaim claim, long cost) =>
        await ledger.SettleAsync(await HoldAsync(ledger, claim), LimitUnit.UsDollars, cost, Cancellation);

    private static async Task<long> SettledAsync(IBillingLedger ledger, string limit, DateTimeOffset since) =>
        (await ledger.PeekAsync([Claims.Money(limit, 0, 0, since)], Cancellation))[0].Settled;

    private Task<(long Settled, long Leased)> UsedAsync(IBillingLedger ledger, string limit) => UsedAsync(ledger, limit, LongAgo);

    private static async Task<(long Settled, long Leased)> UsedAsync(IBillingLedger ledger, string limit, DateTimeOffset since)
    {
        var usage = (await ledger.PeekAsync([Claims.Money(limit, 0, 0, since)], Cancellation))[0];
        return (usage.Settled, usage.Leased);
    }
}
