using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class InMemoryBillingLedgerTests : BillingLedgerContract
{
    [Fact]
    public async Task Constructor_WithoutAClock_ReadsTheSystemsClock()
    {
        var ledger = new InMemoryBillingLedger();
        var claim = Claims.Money("a", 5, 5, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));
        var lease = (await ledger.AcquireAsync([claim], TimeSpan.FromHours(1), TestContext.Current.CancellationToken)).Lease!.Value;

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, TestContext.Current.CancellationToken);

        Assert.Equal(3, (await ledger.PeekAsync([claim], TestContext.Current.CancellationToken))[0].Settled);
    }

    [Fact]
    public async Task LateSettlement_AfterADay_IsForgottenAndTheFullAmountStays()
    {
        var clock = new ManualTimeProvider();
        var ledger = new InMemoryBillingLedger(clock);
        var claim = Claims.Money("a", 10, 10, clock.GetUtcNow());
        var lease = (await ledger.AcquireAsync([claim], TimeSpan.FromMinutes(15), TestContext.Current.CancellationToken)).Lease!.Value;
        clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromHours(24));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, TestContext.Current.CancellationToken);

        Assert.Equal(10, (await ledger.PeekAsync([claim], TestContext.Current.CancellationToken))[0].Settled);
    }

    protected override ValueTask<IBillingLedger> OpenAsync() => ValueTask.FromResult<IBillingLedger>(new InMemoryBillingLedger(Clock));
}
