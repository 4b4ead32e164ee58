using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

/// <summary>What is admitted without asking the shared ledger, what is asked all the same, and what becomes of what is left.</summary>
public sealed class AllowanceLedgerTests
{
    private const long Lots = 1_000_000_000_000;
    private const long Claim = 10;
    private const int Shapes = 20;

    private static readonly TimeSpan RequestDuration = TimeSpan.FromMinutes(15);
    private static readonly SpendLabels Search = new() { Project = "search", KeyHash = "k1", Model = "a/b" };

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryBillingLedger _books;
    private readonly SharedLedger _shared;
    private readonly DateTimeOffset _since;

    public AllowanceLedgerTests()
    {
        _books = new InMemoryBillingLedger(_clock);
        _shared = new SharedLedger(_books);
        _since = _clock.GetUtcNow() - TimeSpan.FromMinutes(1);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AcquireAsync_ManyRequests_AsksTheSharedLedgerOnceForFiftyAndLosesNothing()
    {
        const int Requests = 20_000;
        await using (var ledger = Open())
        {
            for (var count = 0; count < Requests; count++)
            {
                var lease = await TakeAsync(ledger, [Money("balance"), Money("key"), Money("budget"), Claims.Requests("runaway", Lots, _since)]);
                await SettleAsync(ledger, lease, 3);
                _clock.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{_shared.RoundTrips} round trips for {Requests} requests");
        Assert.InRange(_shared.RoundTrips, 1, Requests / 50);
        foreach (var limit in new[] { "balance", "key", "budget" })
        {
            Assert.Equal((3L * Requests, 0), await UsedAsync(limit));
        }

        Assert.Equal((Requests, 0), await UsedAsync("runaway"));
        var entry = Assert.Single(await SpendAsync(_books));
        Assert.Equal((Requests, 3 * Requests / 1e9m), (entry.Requests, entry.Cost));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task AcquireAsync_OneProcess_UsesEverythingAndNotMore(int perSecond)
    {
        const int Affordable = 2000;
        await using var ledger = Open();
        var admitted = 0;
        for (var count = 0; count < Affordable + 50; count++)
        {
            if ((await AcquireAsync(ledger, [Money("balance", Affordable * Claim)])).Lease is { } lease)
            {
                admitted++;
                await SettleAsync(ledger, lease, Claim);
            }

            _clock.Advance(TimeSpan.FromSeconds(1) / perSecond);
        }

        Assert.Equal(Affordable, admitted);
    }

    [Fact]
    public async Task AcquireAsync_RequestsThatRunAtOnceFillTheLimit_AllFit()
    {
        await using var ledger = Open();
        var leases = new List<LeaseId>();
        for (var count = 0; count < 500; count++)
        {
            if ((await AcquireAsync(ledger, [Money("balance", 400 * Claim)])).Lease is { } lease)
            {
                leases.Add(lease);
            }
        }

        // Some of what is left is reserved beside what runs, and can be given back only when that has settled.
        Assert.InRange(leases.Count, 375, 400);
        foreach (var lease in leases)
        {
            await SettleAsync(ledger, lease, 0);
        }

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((0, 0), await UsedAsync("balance"));
    }

    [Fact]
    public async Task AcquireAsync_FewRequests_AskTheSharedLedgerEach()
    {
        await using var ledger = Open();
        for (var count = 0; count < 20; count++)
        {
            await TakeAsync(ledger, [Money("balance")]);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(20, _shared.RoundTrips);
    }

    [Fact]
    public async Task AcquireAsync_SharedLedgerSoSlowThatItKeepsRequestsFromComing_TakesAnAllowanceAllTheSame()
    {
        await using var ledger = Open();
        // As when a fleet of one request after another on each instance waits for one call after another.
        _shared.Before = () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        for (var count = 0; count < 1000; count++)
        {
            await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), 1);
        }

        Assert.InRange(_shared.RoundTrips, 1, 100);
    }

    [Fact]
    public async Task AcquireAsync_FewRequestsAndASlowSharedLedger_AskItEach()
    {
        await using var ledger = Open();
        _shared.Before = () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.CompletedTask;
        };
        for (var count = 0; count < 20; count++)
        {
            await TakeAsync(ledger, [Money("balance")]);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(20, _shared.RoundTrips);
    }

    [Fact]
    public async Task AcquireAsync_NewerFiguresWithLessLeft_AdmitsNothingByTheOldAllowance()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await _books.AcquireAsync([Claims.Money("balance", 1000, Lots, _since)], RequestDuration, Cancellation);
        var newer = _since + TimeSpan.FromSeconds(30);

        Assert.Null((await AcquireAsync(ledger, [Claims.Money("balance", Claim, 1000, newer)])).Lease);
        Assert.NotNull((await AcquireAsync(ledger, [Claims.Money("balance", Claim, 2000, newer)])).Lease);
    }

    [Fact]
    public async Task AcquireAsync_NewerFigures_AreProvedOnceForAll()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        var before = _shared.RoundTrips;
        var newer = _since + TimeSpan.FromSeconds(30);

        for (var count = 0; count < 10; count++)
        {
            await TakeAsync(ledger, [Claims.Money("balance", Claim, Lots - 5, newer)]);
        }

        Assert.InRange(_shared.RoundTrips - before, 1, 2);
    }

    [Fact]
    public async Task AcquireAsync_FiguresOlderThanTheAllowances_AreForTheSharedLedger()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        var before = _shared.RoundTrips;

        await TakeAsync(ledger, [Claims.Money("balance", Claim, Lots, _since - TimeSpan.FromSeconds(30))]);

        Assert.Equal(1, _shared.RoundTrips - before);
        Assert.Null((await AcquireAsync(ledger, [Claims.Money("balance", Claim, 5, _since - TimeSpan.FromSeconds(30))])).Lease);
    }

    [Fact]
    public async Task AcquireAsync_SlidingWindow_NeedsNoProofForEachMoment()
    {
        await using var ledger = Open();
        for (var count = 0; count < 1000; count++)
        {
            var claim = Claims.Requests("runaway", 100_000, _clock.GetUtcNow() - TimeSpan.FromMinutes(1)) with { Window = TimeSpan.FromMinutes(1) };
            await ledger.SettleAsync(await TakeAsync(ledger, [claim]), LimitUnit.Requests, 1, Cancellation);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_shared.RoundTrips, 1, 30);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task AcquireAsync_AmountThatNoAllowanceCovers_IsForTheSharedLedger(long amount)
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);

        if (amount < 0)
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AcquireAsync(ledger, [Claims.Money("balance", amount, Lots, _since)]).AsTask());
        }
        else
        {
            Assert.Null((await AcquireAsync(ledger, [Claims.Money("balance", amount, Lots, _since)])).Lease);
        }
    }

    [Fact]
    public async Task AcquireAsync_CancelledWhileItWaitsForAnAllowance_HoldsNothingAndTheOthersGoOn()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shared.Before = () => gate.Task;
        var newer = Claims.Money("balance", Claim, Lots, _since + TimeSpan.FromSeconds(1));
        using var giveUp = new CancellationTokenSource();
        var cancelled = ledger.AcquireAsync(Request([newer]), giveUp.Token).AsTask();
        var served = ledger.AcquireAsync(Request([newer]), Cancellation).AsTask();

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _shared.Before = null;
        gate.SetResult();
        var lease = (await served).Lease;

        Assert.NotNull(lease);
        await ledger.ReleaseAsync(lease.Value, Cancellation);
        await ledger.DisposeAsync();
        Assert.Equal(0, (await UsedAsync("balance")).Leased);
    }

    [Fact]
    public async Task AcquireAsync_WhatWasUsedIsStillBeingBooked_WaitsForTheNextAllowanceOnly()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), 4);
        var booked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shared.BeforeBooking = booked.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        // New figures need an allowance that is proved by them.
        await SettleAsync(ledger, await RenewAsync(1).WaitAsync(TimeSpan.FromSeconds(30), Cancellation), 5);
        Assert.Equal(0, (await UsedAsync("balance")).Settled);

        // A third one would be held beside two that are not booked.
        var before = _shared.RoundTrips;
        var waiting = RenewAsync(2);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(before, _shared.RoundTrips);

        booked.SetResult();
        await SettleAsync(ledger, await waiting, 6);
        await ledger.DisposeAsync();
        Assert.Equal((15, 0), await UsedAsync("balance"));
        Assert.Equal(3, Assert.Single(await SpendAsync(_books)).Requests);

        async Task<LeaseId> RenewAsync(int seconds) => await TakeAsync(ledger, [Claims.Money("balance", Claim, Lots, _since + TimeSpan.FromSeconds(seconds))]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AcquireAsync_BookingFails_IsTriedAgainAndLosesNothing(bool isCancelled)
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), 4);
        _shared.BeforeBooking = isCancelled ? Task.FromCanceled(new CancellationToken(canceled: true)) : Task.FromException(new TimeoutException("The shared ledger does not answer."));

        await TakeAsync(ledger, [Claims.Money("balance", Claim, Lots, _since + TimeSpan.FromSeconds(1))]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await UsedAsync("balance")).Settled);

        _shared.BeforeBooking = Task.CompletedTask;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(4, (await UsedAsync("balance")).Settled);
    }

    [Fact]
    public async Task SettleAsync_RepeatedAndLate_CountsOnceAndAsksNobody()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        var lease = await TakeAsync(ledger, [Money("balance")]);
        var before = _shared.RoundTrips;

        await SettleAsync(ledger, lease, 4);
        await SettleAsync(ledger, lease, 9);
        await ledger.ReleaseAsync(lease, Cancellation);

        Assert.Equal(before, _shared.RoundTrips);
        Assert.Equal(4, (await ledger.PeekAsync([Money("balance")], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task SettleAsync_MoreThanTheAllowanceHolds_IsBookedAtOnce()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance", 100_000)]);
        var lease = await TakeAsync(ledger, [Money("balance", 100_000)]);

        await SettleAsync(ledger, lease, 90_000);

        Assert.Equal(90_000, (await UsedAsync("balance")).Settled);
        Assert.Null((await AcquireAsync(ledger, [Claims.Money("balance", 11_000, 100_000, _since)])).Lease);
    }

    [Fact]
    public async Task Idle_WhatIsReserved_IsGivenBackButNotWhatRuns()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await TakeAsync(ledger, [Money("balance")]);
        Assert.True((await UsedAsync("balance")).Leased > Claim);

        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((0, Claim), await UsedAsync("balance"));
    }

    [Fact]
    public async Task Idle_WhileOthersAreRenewedAllTheTime_IsTendedAllTheSame()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("idle")]);
        await SettleAsync(ledger, await TakeAsync(ledger, [Money("idle")]), 4);
        await ledger.AcquireAsync(Request([Money("idle")]) with { Duration = TimeSpan.FromSeconds(2) }, Cancellation);
        await FillAsync(ledger, [Money("busy")]);

        for (var half = 1; half <= 10; half++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            // Newer figures need another allowance.
            await SettleAsync(ledger, await TakeAsync(ledger, [Claims.Money("busy", Claim, Lots, _since + TimeSpan.FromSeconds(half))]), 1);
        }

        Assert.Equal((4 + Claim, 0), await UsedAsync("idle"));
    }

    [Fact]
    public async Task Running_LongerThanAnAllowance_IsHeldAllTheTimeAndCountsInFullWhenItsLeaseIsOver()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await TakeAsync(ledger, [Money("balance")]);

        for (var minute = 0; minute < 14; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((0, Claim), await UsedAsync("balance"));
        }

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((Claim, 0), await UsedAsync("balance"));
    }

    [Fact]
    public async Task Process_Dies_ItsAllowanceIsReturnedWhenTheLeaseExpiresAndCostsNoMoreThanItHeld()
    {
        var ledger = Open(new AllowanceOptions { MaxRequests = 64 });
        await FillAsync(ledger, [Money("balance")]);
        await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), Claim);
        _shared.Fault = () => (true, false);
        var held = (await UsedAsync("balance")).Leased;

        _clock.Advance(RequestDuration + new AllowanceOptions().LeaseDuration + TimeSpan.FromSeconds(1));

        Assert.InRange(held, Claim, 64 * Claim);
        var (settled, leased) = await UsedAsync("balance");
        Assert.Equal(0, leased);
        Assert.InRange(settled, Claim, 64 * Claim);
        // For figures that were read after that it is gone altogether.
        Assert.Equal((0, 0), await UsedAsync("balance", _clock.GetUtcNow()));
    }

    [Fact]
    public async Task Process_IsCutOff_ItsRequestsAreHeldAsLongAsTheyMayRun()
    {
        var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _shared.Fault = () => (true, false);
        await TakeAsync(ledger, [Money("balance")]);

        _clock.Advance(RequestDuration);

        Assert.True((await UsedAsync("balance", _clock.GetUtcNow())).Leased >= Claim);
    }

    [Fact]
    public async Task AcquireAsync_RequestThatRunsLongerThanThoseBefore_IsHeldAsLong()
    {
        var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        await ledger.AcquireAsync(Request([Money("balance")]) with { Duration = 4 * RequestDuration }, Cancellation);
        _shared.Fault = () => (true, false);

        _clock.Advance(4 * RequestDuration);

        Assert.True((await UsedAsync("balance", _clock.GetUtcNow())).Leased >= Claim);
    }

    [Theory]
    [InlineData(10, null, 64)]
    [InlineData(100, null, 200)]
    [InlineData(1000, null, 1100)]
    [InlineData(10_000, null, 10_001)]
    [InlineData(20_000, null, 16_500)]
    [InlineData(10_000, 4096, 4200)]
    public async Task AcquireAsync_AtAnyRate_ReservesNoMoreThanADeadProcessMayTakeAlong(int perSecond, int? maxRequests, int most)
    {
        var ledger = Open(maxRequests is { } atMost ? new AllowanceOptions { MaxRequests = atMost } : null);
        var reserved = 0L;
        for (var count = 0; count < 4 * perSecond; count++)
        {
            await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), 1);
            reserved = Math.Max(reserved, (await UsedAsync("balance")).Leased / Claim);
            _clock.Advance(TimeSpan.FromSeconds(1) / perSecond);
        }

        Assert.InRange(reserved, 16, most);
    }

    [Fact]
    public async Task SharedLedger_IsDown_AdmitsFromWhatIsThereAndThenTellsOfIt()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        _shared.Fault = () => (true, false);

        for (var second = 0; second < 50; second++)
        {
            await SettleAsync(ledger, await TakeAsync(ledger, [Money("balance")]), 1);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        _clock.Advance(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<TimeoutException>(() => AcquireAsync(ledger, [Money("balance")]).AsTask());

        _shared.Fault = null;
        _clock.Advance(TimeSpan.FromSeconds(2));
        await TakeAsync(ledger, [Money("balance")]);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((50, Claim), await UsedAsync("balance"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SharedLedger_DoesNotAnswer_DisposalAndReportsWaitForItOnceAndNotForEachAllowance(bool isReport)
    {
        var ledger = Open();
        await FillManyAsync(ledger, Shapes);
        _shared.Before = () => Task.Delay(Timeout.Infinite, Cancellation);

        var waiting = isReport ? SpendAsync(ledger) : ledger.DisposeAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        var before = _shared.RoundTrips;
        _clock.Advance(AllowanceLedger.LongestBooking);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        if (!isReport)
        {
            // Nobody goes on behind it.
            Assert.Equal(before, _shared.RoundTrips);
        }
    }

    [Fact]
    public async Task ReadSpendAsync_ManyAllowances_BooksSeveralAtATimeInOneCallEach()
    {
        await using var ledger = Open();
        await FillManyAsync(ledger, Shapes);
        var booked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _shared.BeforeBooking = booked.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        var before = _shared.RoundTrips;

        var reading = SpendAsync(ledger);
        Assert.Equal(8, _shared.RoundTrips - before);

        booked.SetResult();
        Assert.Equal(Shapes, (await reading).Count);
        Assert.Equal(Shapes, _shared.RoundTrips - before);
        Assert.Equal((Shapes * 4, 0), await UsedAsync("balance"));
    }

    [Fact]
    public async Task AcquireAsync_LacksLittle_OnlyAsMuchIsGivenBack()
    {
        await using var ledger = Open();
        await FillManyAsync(ledger, Shapes);
        var (settled, leased) = await UsedAsync("balance");

        var lease = (await AcquireAsync(ledger, [Claims.Money("balance", Claim, settled + leased + Claim - 1, _since)])).Lease;

        Assert.NotNull(lease);
        Assert.InRange((await UsedAsync("balance")).Leased, leased * (Shapes - 2) / Shapes, leased);
    }

    [Fact]
    public async Task AcquireAsync_ManyLackWhatIsReserved_AllOfItIsGivenBackForThem()
    {
        await using var ledger = Open();
        await FillManyAsync(ledger, Shapes);
        var (settled, leased) = await UsedAsync("balance");
        // What the allowances have used is settled when they are given back, and no more is held than that leaves.
        var affordable = (leased - (4 * Shapes)) / 1000;

        var granted = 0;
        for (var count = 0; count < affordable + 5; count++)
        {
            granted += (await AcquireAsync(ledger, [Claims.Money("balance", 1000, settled + leased, _since)])).Lease is null ? 0 : 1;
        }

        Assert.Equal(affordable, granted);
    }

    [Fact]
    public async Task ReadSpendAsync_UnderSeveralLabels_BooksEachWithItsRequests()
    {
        await using var ledger = Open();
        for (var count = 0; count < 100; count++)
        {
            foreach (var (project, cost) in new[] { ("search", 1_000_000), ("chat", 2_000_000) })
            {
                var answer = await ledger.AcquireAsync(Request([Money("balance", Lots, 3_000_000)]) with { Labels = Search with { Project = project }, ClaimedCost = 3_000_000 }, Cancellation);
                await SettleAsync(ledger, answer.Lease!.Value, cost);
            }
        }

        var entries = await SpendAsync(ledger);

        Assert.Equal([("chat", 100, 0.2m), ("search", 100, 0.1m)], entries.Select(entry => (entry.Labels.Project!, entry.Requests, entry.Cost)));
    }

    [Fact]
    public async Task AcquireAsync_ManyProcessesAndThreads_NeverPassTheLimitAndUseIt()
    {
        const long Capacity = 200_000;
        var shared = new SharedLedger(_books) { Watched = Money("balance", Capacity) };
        var spent = 0L;
        var refused = 0;
        var ledgers = Enumerable.Range(0, 4).Select(_ => new AllowanceLedger(shared, null, _clock)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() => CallAsync(ledgers[caller % ledgers.Length], new Random(caller)), Cancellation)));
        foreach (var ledger in ledgers)
        {
            await ledger.DisposeAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{spent} of {Capacity} spent, {refused} refused, {shared.RoundTrips} round trips");
        Assert.True(shared.Most <= Capacity, $"{shared.Most} of {Capacity}");
        Assert.Equal((spent, 0), await UsedAsync("balance"));
        Assert.True(refused > 0 && spent > Capacity * 9 / 10, $"{spent} of {Capacity}");

        async Task CallAsync(AllowanceLedger ledger, Random random)
        {
            for (var count = 0; count < 10_000; count++)
            {
                if ((await AcquireAsync(ledger, [Money("balance", Capacity)])).Lease is not { } lease)
                {
                    Interlocked.Increment(ref refused);
                    continue;
                }

                var cost = random.Next(0, (int)Claim + 1);
                Interlocked.Add(ref spent, cost);
                await SettleAsync(ledger, lease, cost);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AcquireAsync_ClaimWithoutALimitOrWithAnUnknownUnit_SaysSo(bool hasAllowance)
    {
        await using var ledger = Open();
        if (hasAllowance)
        {
            await FillAsync(ledger, [Money("balance")]);
        }

        var nameless = await Assert.ThrowsAsync<ArgumentException>(() => AcquireAsync(ledger, [Money("balance"), default]).AsTask());
        var unknown = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AcquireAsync(ledger, [Money("balance") with { Unit = (LimitUnit)7 }]).AsTask());

        Assert.Equal("claims", nameless.ParamName);
        Assert.Contains("Claim 1 names no limit", nameless.Message, StringComparison.Ordinal);
        Assert.Equal(((object)(LimitUnit)7, "claims"), (unknown.ActualValue!, unknown.ParamName));
        Assert.Contains("Use one of the units of LimitUnit", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_NegativeDuration_HoldsNothingAndSaysSo()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);

        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ledger.AcquireAsync(Request([Money("balance")]) with { Duration = TimeSpan.FromTicks(-1) }, Cancellation).AsTask());

        Assert.Equal(TimeSpan.FromTicks(-1), refused.ActualValue);
        await ledger.DisposeAsync();
        Assert.Equal((0, 0), await UsedAsync("balance"));
    }

    [Fact]
    public async Task SettleAsync_UnknownUnit_SaysSoAndTheLeaseIsHeldOn()
    {
        await using var ledger = Open();
        await FillAsync(ledger, [Money("balance")]);
        var lease = await TakeAsync(ledger, [Money("balance")]);

        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ledger.SettleAsync(lease, (LimitUnit)7, 1, Cancellation).AsTask());

        Assert.Equal(("unit", (object)(LimitUnit)7), (refused.ParamName, refused.ActualValue!));
        await SettleAsync(ledger, lease, 4);
        await ledger.DisposeAsync();
        Assert.Equal((4, 0), await UsedAsync("balance"));
    }

    [Theory]
    [InlineData("00:00:00", "00:02:00", 1, "MaxAge is 00:00:00")]
    [InlineData("00:00:10", "00:00:19", 1, "LeaseDuration is 00:00:19")]
    [InlineData("9999999.00:00:00", "00:02:00", 1, "LeaseDuration is 00:02:00")]
    [InlineData("00:00:10", "00:02:00", 0, "MaxRequests is 0")]
    public void Constructor_OptionsThatContradictThemselves_SaysWhich(string age, string duration, int requests, string problem)
    {
        var options = new AllowanceOptions { MaxAge = TimeSpan.Parse(age, CultureInfo.InvariantCulture), LeaseDuration = TimeSpan.Parse(duration, CultureInfo.InvariantCulture), MaxRequests = requests };

        var refused = Assert.Throws<ArgumentException>(() => Open(options));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        Assert.Equal("options", refused.ParamName);
    }

    private AllowanceLedger Open(AllowanceOptions? options = null) => new(_shared, options, _clock);

    private LimitClaim Money(string limit, long capacity = Lots, long amount = Claim) => Claims.Money(limit, amount, capacity, _since);

    private static LeaseRequest Request(LimitClaim[] claims) => new() { Claims = claims, Duration = RequestDuration, Labels = Search, ClaimedCost = Claim };

    private static ValueTask<LedgerAnswer> AcquireAsync(AllowanceLedger ledger, LimitClaim[] claims) => ledger.AcquireAsync(Request(claims), Cancellation);

    private static async Task<LeaseId> TakeAsync(AllowanceLedger ledger, LimitClaim[] claims) =>
        (await AcquireAsync(ledger, claims)).Lease ?? throw new InvalidOperationException("The test expected a grant.");

    // As many as make an allowance worth while, and none of them left.
    private static async Task FillAsync(AllowanceLedger ledger, LimitClaim[] claims)
    {
        for (var count = 0; count < 10; count++)
        {
            await ledger.ReleaseAsync(await TakeAsync(ledger, claims), Cancellation);
        }
    }

    // Allowances of several shapes on one limit, each with 4 used.
    private async Task FillManyAsync(AllowanceLedger ledger, int shapes)
    {
        for (var shape = 0; shape < shapes; shape++)
        {
            var request = Request([Money("balance")]) with { Labels = Search with { Project = $"project-{shape}" } };
            for (var count = 0; count < 10; count++)
            {
                await ledger.ReleaseAsync((await ledger.AcquireAsync(request, Cancellation)).Lease!.Value, Cancellation);
            }

            await SettleAsync(ledger, (await ledger.AcquireAsync(request, Cancellation)).Lease!.Value, 4);
        }
    }

    // As BillingLease settles: every unit once.
    private static async Task SettleAsync(AllowanceLedger ledger, LeaseId lease, long cost)
    {
        await ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, cost, Cancellation);
    }

    private async Task<(long Settled, long Leased)> UsedAsync(string limit, DateTimeOffset? since = null)
    {
        var usage = (await _books.PeekAsync([Claims.Money(limit, 0, 0, since ?? _since)], Cancellation))[0];
        return (usage.Settled, usage.Leased);
    }

    private static async Task<List<SpendEntry>> SpendAsync(ISpendLedger ledger)
    {
        var entries = new List<SpendEntry>();
        await foreach (var entry in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Project }, Cancellation))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
