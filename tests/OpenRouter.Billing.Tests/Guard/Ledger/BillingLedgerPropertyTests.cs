using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class BillingLedgerPropertyTests
{
    private const int Histories = 34_000;

    [Theory]
    [InlineData(20261118)]
    [InlineData(1)]
    [InlineData(424242)]
    public void AnyHistory_OnTheLedger_NeverPassesALimitAndRefusesNothingThatFits(ulong seed)
    {
        var played = 0;
        var steps = 0L;
        Check.One(Seeded(seed, Histories), Prop.ForAll(LedgerHistory.Histories, history =>
        {
            played++;
            steps += history.Length;
            return Faultless(LedgerHistory.FaultOf(history, clock => new InMemoryBillingLedger(clock)));
        }));

        TestContext.Current.TestOutputHelper!.WriteLine($"{played} histories, {steps} steps");
        Assert.True(played >= Histories && steps >= 600_000, $"{played} histories, {steps} steps");
    }

    [Theory]
    [InlineData(nameof(LeaseIgnoringLedger))]
    [InlineData(nameof(TwiceSettlingLedger))]
    [InlineData(nameof(ForgettingLedger))]
    [InlineData(nameof(ClaimKeepingLedger))]
    [InlineData(nameof(RoundingDownLedger))]
    [InlineData(nameof(RoundingUpLedger))]
    [InlineData(nameof(StrictLedger))]
    [InlineData(nameof(UnsettlingLedger))]
    [InlineData(nameof(FirstClaimLedger))]
    [InlineData(nameof(HalfTakingLedger))]
    public void AnyHistory_OnABrokenLedger_IsCaughtByTheSameProperty(string fault)
    {
        var caught = Assert.ThrowsAny<Exception>(() => Check.One(Seeded(20261118, Histories), Prop.ForAll(LedgerHistory.Histories, history =>
            Faultless(LedgerHistory.FaultOf(history, clock => Break(fault, clock))))));

        Assert.StartsWith("Falsifiable", caught.Message, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper!.WriteLine(caught.Message.Split('\n')[0]);
    }

    private static Property Faultless(string? fault) => (fault is null).Label(fault ?? "no fault");

    private static IBillingLedger Break(string fault, TimeProvider clock)
    {
        var ledger = new InMemoryBillingLedger(clock);
        return fault switch
        {
            nameof(LeaseIgnoringLedger) => new LeaseIgnoringLedger(ledger),
            nameof(TwiceSettlingLedger) => new TwiceSettlingLedger(ledger, clock),
            nameof(ForgettingLedger) => new ForgettingLedger(ledger, clock),
            nameof(ClaimKeepingLedger) => new ClaimKeepingLedger(ledger),
            nameof(RoundingDownLedger) => new RoundingDownLedger(ledger),
            nameof(RoundingUpLedger) => new RoundingUpLedger(ledger),
            nameof(StrictLedger) => new StrictLedger(ledger),
            nameof(UnsettlingLedger) => new UnsettlingLedger(ledger),
            nameof(FirstClaimLedger) => new FirstClaimLedger(ledger),
            nameof(HalfTakingLedger) => new HalfTakingLedger(ledger),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }

    private static Config Seeded(ulong seed, int histories) => Config.QuickThrowOnFailure.WithMaxTest(histories).WithReplay(seed, 1UL).WithStartSize(5).WithEndSize(80);
}
