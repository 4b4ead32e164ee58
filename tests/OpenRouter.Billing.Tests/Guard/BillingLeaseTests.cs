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
}
