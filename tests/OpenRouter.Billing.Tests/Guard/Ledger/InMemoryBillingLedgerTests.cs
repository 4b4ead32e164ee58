using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class InMemoryBillingLedgerTests : BillingLedgerContract
{
    private const int ManyLimits = 10_000;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromHours(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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

    [Fact]
    public async Task AcquireAsync_LimitsWithoutAnyUse_AreForgotten()
    {
        var ledger = new InMemoryBillingLedger(Clock);

        for (var number = 0; number < ManyLimits; number++)
        {
            var lease = await TakeAsync(ledger, Claims.Money($"key/{number}", 1, 1, Clock.GetUtcNow()));
            await ledger.ReleaseAsync(lease, Cancellation);
        }

        Assert.InRange(ledger.Kept.Limits, 1, ManyLimits / 4);
    }

    [Fact]
    public async Task AcquireAsync_LimitsUnusedForLongerThanAMonth_AreForgotten()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var most = 0;

        for (var day = 0; day < 400; day++)
        {
            for (var number = 0; number < 20; number++)
            {
                await SpendAsync(ledger, Claims.Money($"token/{day}/{number}", 1, 1, Clock.GetUtcNow().AddMinutes(-6)));
            }

            most = Math.Max(most, ledger.Kept.Limits);
            Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.InRange(most, 40 * 20, 2000);
    }

    [Theory]
    [InlineData(0, 39)]
    [InlineData(50, 500)]
    public async Task AcquireAsync_LimitThatAClaimMayStillReach_IsKeptWhateverElseIsForgotten(int lookedBack, int unusedFor)
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var since = Clock.GetUtcNow().AddDays(-lookedBack);
        await SpendAsync(ledger, Claims.Money("a", 7, 10, since));
        Clock.Advance(TimeSpan.FromDays(unusedFor));
        await CrowdAsync(ledger);

        Assert.Equal(7, (await ledger.PeekAsync([Claims.Money("a", 1, 10, since)], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task AcquireAsync_LimitOfALeaseThatHoldsNothing_IsKeptUntilItIsSettled()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var claim = Claims.Money("a", 0, 10, Clock.GetUtcNow());
        var lease = await TakeAsync(ledger, claim);
        await CrowdAsync(ledger);

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);

        Assert.Equal(3, (await ledger.PeekAsync([claim], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task AcquireAsync_LimitOfALeaseThatIsOnlyExpired_IsKeptAndOnceForgottenFreesIt()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var claim = Claims.Money("a", 0, 10, Clock.GetUtcNow());
        var lease = await TakeAsync(ledger, claim);
        Clock.Advance(TimeSpan.FromHours(2));
        await CrowdAsync(ledger);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);
        Assert.Equal(3, (await ledger.PeekAsync([claim], Cancellation))[0].Settled);

        await TakeAsync(ledger, Claims.Money("never settled", 0, 10, Clock.GetUtcNow()));
        Clock.Advance(TimeSpan.FromDays(45));
        await CrowdAsync(ledger);

        Assert.InRange(ledger.Kept.Limits, 1, 1024);
    }

    [Fact]
    public async Task AcquireAsync_LeasesSettledBeforeTheirDeadline_LeaveNoDeadlinesBehind()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var claim = Claims.Money("a", 1, long.MaxValue, Clock.GetUtcNow());
        await TakeAsync(ledger, claim);

        for (var number = 0; number < 50_000; number++)
        {
            await SpendAsync(ledger, claim);
        }

        Assert.InRange(ledger.Kept.Deadlines, 1, 1100);
        Clock.Advance(LeaseDuration);
        Assert.Equal((50_001, 0), (await ledger.PeekAsync([claim], Cancellation))[0] switch { var usage => (usage.Settled, usage.Leased) });
    }

    protected override ValueTask<IBillingLedger> OpenAsync() => ValueTask.FromResult<IBillingLedger>(new InMemoryBillingLedger(Clock));

    private static async Task<LeaseId> TakeAsync(InMemoryBillingLedger ledger, LimitClaim claim) =>
        (await ledger.AcquireAsync([claim], LeaseDuration, Cancellation)).Lease!.Value;

    private static async Task SpendAsync(InMemoryBillingLedger ledger, LimitClaim claim) =>
        await ledger.SettleAsync(await TakeAsync(ledger, claim), LimitUnit.UsDollars, claim.Amount, Cancellation);

    // So many others, none of which is worth keeping, that the ledger looks for what it can forget.
    private async Task CrowdAsync(InMemoryBillingLedger ledger)
    {
        for (var number = 0; number < ManyLimits; number++)
        {
            await ledger.ReleaseAsync(await TakeAsync(ledger, Claims.Money($"crowd/{number}", 1, 1, Clock.GetUtcNow())), Cancellation);
        }
    }
}
