using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Telemetry;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillingLeaseTests
{
    private static readonly DateTimeOffset Now = new ManualTimeProvider().GetUtcNow();

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

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
