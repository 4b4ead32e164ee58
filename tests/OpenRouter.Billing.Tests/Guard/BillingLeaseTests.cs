using Microsoft.Extensions.Logging.Abstractions;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Tests.Guard.Ledger;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillingLeaseTests
{
    private const decimal Claim = 0.05m;

    private static readonly DateTimeOffset Now = new ManualTimeProvider().GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // An amount that nobody has is booked as the most that the ledger counts, and breaks nothing on its way there.
    [Fact]
    public async Task SettleAsync_MoreThanAnyoneHas_IsBookedAsTheMost()
    {
        var ledger = new InMemoryBillingLedger(new ManualTimeProvider());
        var dollars = Claims.Money("dollars", 1, long.MaxValue, Now);
        var withByok = Claims.Money("with byok", 1, long.MaxValue, Now) with { Unit = LimitUnit.UsDollarsWithByok };
        var answer = await ledger.AcquireAsync([dollars, withByok], TimeSpan.FromMinutes(15), TestContext.Current.CancellationToken);
        var lease = new BillingLease(ledger, answer.Lease, 0.000000001m) { Meter = new GuardMeter(null) };

        await lease.SettleAsync(decimal.MaxValue, decimal.MaxValue, TestContext.Current.CancellationToken);

        var most = NanoDollars.RoundUp(decimal.MaxValue);
        var usage = await ledger.PeekAsync([dollars, withByok], TestContext.Current.CancellationToken);
        Assert.Equal([(most, 0L), (most, 0L)], usage.Select(used => (used.Settled, used.Leased)));
    }

    // A ledger may be a database, and a trip for what it has booked already is a trip for nothing.
    [Fact]
    public async Task SettleAsync_RequestCountedBefore_IsBookedOnceInEachUnit()
    {
        var ledger = new ListedLedger();
        var lease = new BillingLease(ledger, new LeaseId(Guid.NewGuid()), 0.05m);

        await lease.CountRequestAsync();
        await lease.SettleAsync(0.01m, TestContext.Current.CancellationToken);

        Assert.Equal([LimitUnit.Requests, LimitUnit.UsDollars, LimitUnit.UsDollarsWithByok], ledger.Settled);
    }

    [Fact]
    public async Task SettleAsync_CountingFailedBefore_CountsTheRequestAfterAll()
    {
        var ledger = new ListedLedger { Failing = LimitUnit.Requests };
        var lease = new BillingLease(ledger, new LeaseId(Guid.NewGuid()), 0.05m);

        await Assert.ThrowsAsync<IOException>(async () => await lease.CountRequestAsync());
        ledger.Failing = null;
        await lease.SettleAsync(0.01m, TestContext.Current.CancellationToken);

        Assert.Equal([LimitUnit.Requests, LimitUnit.UsDollars, LimitUnit.UsDollarsWithByok], ledger.Settled);
    }

    [Theory]
    [InlineData(LimitUnit.Requests)]
    [InlineData(LimitUnit.UsDollars)]
    [InlineData(LimitUnit.UsDollarsWithByok)]
    public async Task SettleAsync_OneUnitFails_SaysSoAndBooksTheOthers(LimitUnit failing)
    {
        var ledger = new ListedLedger { Failing = failing };
        var lease = new BillingLease(ledger, new LeaseId(Guid.NewGuid()), 0.05m);

        await Assert.ThrowsAsync<IOException>(() => lease.SettleAsync(0.01m, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(Enum.GetValues<LimitUnit>().Where(unit => unit != failing).Order(), ledger.Settled.Order());
    }

    [Fact]
    public async Task SettleAsync_LedgerThatWaits_HasAllUnitsBeforeItAnswers()
    {
        var gate = new TaskCompletionSource();
        var ledger = new ListedLedger { Gate = gate.Task };
        var lease = new BillingLease(ledger, new LeaseId(Guid.NewGuid()), 0.05m);

        var settling = lease.SettleAsync(0.01m, TestContext.Current.CancellationToken).AsTask();

        Assert.Equal(3, ledger.Settled.Count);
        Assert.False(settling.IsCompleted);
        gate.SetResult();
        await settling;
    }

    [Fact]
    public async Task AnyCall_WithWhatCannotBe_ThrowsAndBooksNothing()
    {
        var ledger = new ListedLedger();
        var lease = Held(ledger);

        Assert.Throws<ArgumentNullException>("ledger", () => new BillingLease(null!, null, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("cost", () => lease.SettleAsync(-0.01m, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("byokCost", () => lease.SettleAsync(0.01m, -0.01m, Cancellation).AsTask());
        await Assert.ThrowsAsync<ArgumentException>("generationId", async () => await lease.ReconcileAsync(" ", Cancellation));

        Assert.Empty(ledger.Settled);
        Assert.Null(lease.SettledCost);
    }

    [Fact]
    public async Task SettledCost_SettledTwiceOrReleasedBefore_IsWhatEndedIt()
    {
        var (settled, released) = (Held(new ListedLedger()), Held(new ListedLedger()));

        await settled.SettleAsync(0.01m, Cancellation);
        await settled.SettleAsync(0.03m, Cancellation);
        await released.ReleaseAsync(Cancellation);
        await released.SettleAsync(0.03m, Cancellation);

        Assert.Equal((0.01m, null), (settled.SettledCost, released.SettledCost));
    }

    [Fact]
    public async Task SettleAsync_AndReleasedAfterwards_IsMeasuredOnce()
    {
        using var measured = new RecordingMeter();
        var meter = new GuardMeter(measured);
        var lease = new BillingLease(new ListedLedger(), new LeaseId(Guid.NewGuid()), Claim) { Meter = meter };
        var nothing = new BillingLease(new ListedLedger(), null, 0) { Meter = meter };

        await lease.SettleAsync(0.01m, Cancellation);
        await lease.SettleAsync(0.03m, Cancellation);
        await lease.ReleaseAsync(Cancellation);
        await nothing.SettleAsync(0, Cancellation);

        Assert.Equal([(0.01, "")], measured.Of("settled"));
        Assert.Equal([(-1, "")], measured.Of("leases"));
    }

    [Fact]
    public async Task SettleAsync_RequestOfABrake_TellsItTheCost()
    {
        var options = new BillingGuardOptions { Brake = { Action = BrakeAction.Trip, MaxCost = 0.02m } };
        var brake = new RunawayBrake(new ManualTimeProvider());
        var context = BrakeWorld.Context(options, fingerprint: 7);
        new RunawayBrakePolicy(brake).Apply(context);
        var lease = new BillingLease(new ListedLedger(), null, Claim) { Pass = context.Pass };

        await lease.SettleAsync(0.02m, Cancellation);

        Assert.Equal((BrakeReason.Cost, 0.02m), (Assert.Single(brake.Trips).Reason, brake.Trips[0].Used));
    }

    // A claim that is booked for want of a bill, and a bill that came late, look like somebody else's spending in the figures.
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task SettleAsync_ByABillInTime_TeachesHowSoonItShows(bool isClaim, bool isLate, bool teaches)
    {
        var (clock, waiting, options) = (new ManualTimeProvider(), new ManualTimeProvider(), TestData.Options());
        var (balance, key) = (new LearnedLag(clock), new LearnedLag(clock));
        var account = BrakeWorld.Context(options.Guard, 7).Snapshot with { BalanceLag = balance, KeyLag = key };
        var (spent, cost) = (0m, 0.001m);
        Read();
        for (var request = 1; request <= 72; request++)
        {
            cost += 0.000001m;
            var lease = new BillingLease(new ListedLedger(), new LeaseId(Guid.NewGuid()), isClaim ? cost : Claim) { Account = account, Reconciler = Reconciler(waiting, options) };
            if (isLate)
            {
                await lease.ReconcileAsync("gen-1", Cancellation);
            }

            await lease.SettleAsync(cost, Cancellation);
            spent += cost;
            Advance(TimeSpan.FromSeconds(request % 6 == 0 ? 75 : 5));
        }

        var expected = teaches ? options.Guard.LeastSettlementLag : options.Guard.SettlementLag;
        Assert.Equal((expected, expected), (balance.Within(options.Guard), key.Within(options.Guard)));

        void Advance(TimeSpan by)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            Read();
            clock.Advance(by - TimeSpan.FromSeconds(5));
            Read();
        }

        void Read()
        {
            balance.Read(spent, clock.GetUtcNow(), options.Guard);
            key.Read(spent, clock.GetUtcNow(), options.Guard);
        }
    }

    [Theory]
    [InlineData(true, 0.05, true, null)]
    [InlineData(true, 0.05, false, 0.05)]
    [InlineData(false, 0.05, true, 0.05)]
    [InlineData(true, 0, true, 0.0)]
    public async Task ReconcileAsync_WhoeverCanAsk_TakesTheQuestionAndElseTheClaimIsBooked(bool isHeld, double claim, bool canAsk, double? booked)
    {
        var clock = new ManualTimeProvider();
        var lease = new BillingLease(new ListedLedger(), isHeld ? new LeaseId(Guid.NewGuid()) : null, (decimal)claim) { Reconciler = canAsk ? Reconciler(clock, TestData.Options()) : null };

        await lease.ReconcileAsync("gen-1", Cancellation);

        Assert.Equal((decimal?)booked, lease.SettledCost);
    }

    [Fact]
    public async Task GiveBackAsync_OfAGuardsLease_WaitsAsLongAsTheOptionsSay()
    {
        var gate = new TaskCompletionSource();
        using var world = new GuardedStub(over: books => new StagedLedger(books) { BeforeRelease = () => gate.Task });
        var (slow, hanging) = (await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation), await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation));
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 0, "the billing calls to end");

        var giving = hanging.GiveBackAsync(Cancellation).AsTask();
        Assert.False(giving.IsCompleted);
        world.Clock.Advance(world.Options.Guard.ReadingTimeout);
        await giving.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Single(world.Log.Entries, entry => entry.Event == "SettlementFailed");

        giving = slow.GiveBackAsync(Cancellation).AsTask();
        gate.SetResult();
        await giving.WaitAsync(BillingClientKit.Patience, Cancellation);
        Assert.Single(world.Log.Entries, entry => entry.Event == "SettlementFailed");
    }

    [Fact]
    public async Task GiveBackAsync_OfNoGuard_Releases()
    {
        var ledger = new ListedLedger();

        await Held(ledger).GiveBackAsync(Cancellation);

        Assert.Equal(1, ledger.Released);
    }

    private static BillingLease Held(ListedLedger ledger) => new(ledger, new LeaseId(Guid.NewGuid()), Claim);

    // It waits on its clock before it asks, so nothing is asked while that stands still.
    private static Reconciler Reconciler(ManualTimeProvider clock, OpenRouterBillingOptions options) =>
        new(() => throw new InvalidOperationException("Nobody asks in this test."), () => options, clock, NullLogger.Instance);

    /// <summary>Lists what it is told to book, and answers when it is let.</summary>
    private sealed class ListedLedger : IBillingLedger
    {
        public List<LimitUnit> Settled { get; } = [];

        public LimitUnit? Failing { get; set; }

        public Task Gate { get; init; } = Task.CompletedTask;

        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
        {
            if (unit == Failing)
            {
                throw new IOException("The database is away.");
            }

            Settled.Add(unit);
            return new ValueTask(Gate);
        }

        public int Released { get; private set; }

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
        {
            Released++;
            return ValueTask.CompletedTask;
        }
    }
}
