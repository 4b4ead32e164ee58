using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>The histories that the core's ledger is held to, on a file.</summary>
public sealed class SqliteHistoryTests
{
    private const int Histories = 300;

    [Theory]
    [InlineData(20261118)]
    [InlineData(7)]
    public async Task AnyHistory_OnTheFile_NeverPassesALimitAndRefusesNothingThatFits(ulong seed)
    {
        var steps = 0;
        await using var database = new SqliteDatabase();

        Check.One(Seeded(seed), Prop.ForAll(LedgerHistory.Histories, history =>
        {
            steps += history.Length;
            var fault = LedgerHistory.FaultOf(history, clock => NewLedger(database, clock));
            return (fault is null).Label(fault ?? "no fault");
        }));

        Assert.True(steps > 10 * Histories, $"{steps} steps");
    }

    [Fact]
    public async Task AnyHistory_OnALedgerThatLosesAHold_IsCaught()
    {
        await using var database = new SqliteDatabase();

        var caught = Assert.ThrowsAny<Exception>(() => Check.One(Seeded(7), Prop.ForAll(LedgerHistory.Histories, history =>
        {
            var fault = LedgerHistory.FaultOf(history, clock => new LosingLedger(NewLedger(database, clock)));
            return (fault is null).Label(fault ?? "no fault");
        })));

        Assert.StartsWith("Falsifiable", caught.Message, StringComparison.Ordinal);
    }

    private static WaitingLedger NewLedger(SqliteDatabase database, TimeProvider clock)
    {
        // Each history has a limit to itself in the same file, so that opening files is not what takes the time.
        return new WaitingLedger(database.Open(clock), Guid.NewGuid().ToString());
    }

    private static Config Seeded(ulong seed) => Config.QuickThrowOnFailure.WithMaxTest(Histories).WithReplay(seed, 1UL).WithStartSize(5).WithEndSize(60);

    /// <summary>Answers at once, as histories want it, by waiting; and names limits apart.</summary>
    private sealed class WaitingLedger(SqlBillingLedger ledger, string name) : IBillingLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
            new(Task.Run(() => ledger.AcquireAsync([.. claims.Select(claim => claim with { Limit = claim.Limit + name })], leaseDuration, cancellationToken).AsTask(), cancellationToken).GetAwaiter().GetResult());

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
        {
            Task.Run(() => ledger.SettleAsync(lease, unit, amount, cancellationToken).AsTask(), cancellationToken).GetAwaiter().GetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
        {
            Task.Run(() => ledger.ReleaseAsync(lease, cancellationToken).AsTask(), cancellationToken).GetAwaiter().GetResult();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Takes every hold for returned as soon as it is taken.</summary>
    private sealed class LosingLedger(WaitingLedger inner) : IBillingLedger
    {
        public async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
        {
            var answer = await inner.AcquireAsync(claims, leaseDuration, cancellationToken);
            if (answer.Lease is { } lease)
            {
                await inner.ReleaseAsync(lease, cancellationToken);
            }

            return answer;
        }

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => inner.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => inner.SettleAsync(lease, unit, amount, cancellationToken);

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => inner.ReleaseAsync(lease, cancellationToken);
    }
}
