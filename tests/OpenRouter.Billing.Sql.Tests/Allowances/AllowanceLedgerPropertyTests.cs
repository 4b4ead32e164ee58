using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

public sealed class AllowanceLedgerPropertyTests
{
    private const int Histories = 600;

    [Theory]
    [InlineData(20261128)]
    [InlineData(1)]
    [InlineData(424242)]
    public void AnyHistory_OfAFleet_NeverPassesALimitAndLeaksNothing(ulong seed)
    {
        Check.One(Seeded(seed), Prop.ForAll(FleetHistory.Histories, history =>
            Faultless(FleetHistory.FaultOf(history, (shared, clock) => new AllowanceLedger(shared, Options, clock)))));

        TestContext.Current.TestOutputHelper!.WriteLine($"{FleetHistory.Totals}");
    }

    [Theory]
    [InlineData(nameof(ForgetfulLedger))]
    [InlineData(nameof(CarelessLedger))]
    public void AnyHistory_OverABrokenLedger_IsCaughtByTheSameProperty(string fault)
    {
        var caught = Assert.ThrowsAny<Exception>(() => Check.One(Seeded(20261128), Prop.ForAll(FleetHistory.Histories, history =>
            Faultless(FleetHistory.FaultOf(history, (shared, clock) => fault == nameof(ForgetfulLedger)
                ? new AllowanceLedger(new ForgetfulLedger(shared), Options, clock)
                : new CarelessLedger(new AllowanceLedger(shared, Options, clock)))))));

        Assert.StartsWith("Falsifiable", caught.Message, StringComparison.Ordinal);
    }

    private static AllowanceOptions Options { get; } = new() { MaxAge = TimeSpan.FromSeconds(5), LeaseDuration = TimeSpan.FromSeconds(60), MaxRequests = 100 };

    private static Property Faultless(string? fault) => (fault is null).Label(fault ?? "no fault");

    private static Config Seeded(ulong seed) => Config.QuickThrowOnFailure.WithMaxTest(Histories).WithReplay(seed, 1UL).WithStartSize(5).WithEndSize(80);

    /// <summary>Books nothing when an allowance for many requests is settled.</summary>
    private sealed class ForgetfulLedger(SharedLedger inner) : ISpendLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => inner.AcquireAsync(claims, leaseDuration, cancellationToken);

        public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default) => inner.AcquireAsync(request, cancellationToken);

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => inner.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => inner.SettleAsync(lease, unit, amount > 100 ? 0 : amount, cancellationToken);

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => inner.ReleaseAsync(lease, cancellationToken);

        public IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, CancellationToken cancellationToken = default) => inner.ReadSpendAsync(query, cancellationToken);
    }

    /// <summary>Goes on admitting by the figures that it saw first.</summary>
    private sealed class CarelessLedger(IBillingLedger inner) : IBillingLedger
    {
        private LimitClaim[]? _first;

        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
        {
            _first ??= [.. claims];
            return inner.AcquireAsync([.. _first.Select((first, index) => first with { Amount = claims[index].Amount })], leaseDuration, cancellationToken);
        }

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => inner.PeekAsync(claims, cancellationToken);

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => inner.SettleAsync(lease, unit, amount / 2, cancellationToken);

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => inner.ReleaseAsync(lease, cancellationToken);
    }
}
