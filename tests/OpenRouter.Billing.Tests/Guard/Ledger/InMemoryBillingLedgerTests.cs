using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class InMemoryBillingLedgerTests : BillingLedgerContract
{
    private const int ManyLimits = 10_000;

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromHours(1);

    private int _crowd;

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
    public async Task AcquireAsync_NoListOfClaims_Throws()
    {
        var ledger = new InMemoryBillingLedger(Clock);

        Assert.Equal("claims", (await Assert.ThrowsAsync<ArgumentNullException>(() => ledger.AcquireAsync(null!, LeaseDuration, Cancellation).AsTask())).ParamName);
        Assert.Equal("claims", (await Assert.ThrowsAsync<ArgumentNullException>(() => ledger.AcquireAsync(new LeaseRequest { Claims = null!, Duration = LeaseDuration }, Cancellation).AsTask())).ParamName);
        Assert.Equal("claims", (await Assert.ThrowsAsync<ArgumentNullException>(() => ledger.PeekAsync(null!, Cancellation).AsTask())).ParamName);
    }

    [Fact]
    public async Task PeekAsync_Cancelled_Throws()
    {
        var ledger = new InMemoryBillingLedger(Clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.PeekAsync([], new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task AcquireAsync_ManyClaims_HoldsEach()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var claims = Enumerable.Range(0, 100).Select(index => Claims.Money($"limit/{index}", index, 100, Clock.GetUtcNow())).ToArray();

        await ledger.AcquireAsync(claims, LeaseDuration, Cancellation);

        Assert.Equal(Enumerable.Range(0, 100).Select(index => (long)index), (await ledger.PeekAsync(claims, Cancellation)).Select(usage => usage.Leased));
    }

    [Fact]
    public async Task AcquireAsync_OnTwoLedgers_GivesLeasesOfDifferentIdentities()
    {
        var claim = Claims.Money("a", 1, 1, Clock.GetUtcNow());

        Assert.NotEqual(await TakeAsync(new InMemoryBillingLedger(Clock), claim), await TakeAsync(new InMemoryBillingLedger(Clock), claim));
    }

    [Fact]
    public async Task ReleaseAsync_ADayAfterExpiry_TakesNothingBack()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var claim = Claims.Money("a", 10, 10, Clock.GetUtcNow());
        var lease = await TakeAsync(ledger, claim);
        Clock.Advance(LeaseDuration + TimeSpan.FromHours(24));

        await ledger.ReleaseAsync(lease, Cancellation);

        Assert.Equal(10, (await ledger.PeekAsync([claim], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task AcquireAsync_LimitsWithoutAnyUse_AreForgottenWheneverThereAreAThousand()
    {
        var ledger = new InMemoryBillingLedger(Clock);

        await CrowdAsync(ledger, 1024);
        Assert.Equal(1024, ledger.Kept.Limits);
        await CrowdAsync(ledger, 1);
        Assert.Equal(1, ledger.Kept.Limits);

        await CrowdAsync(ledger, 1023);
        Assert.Equal(1024, ledger.Kept.Limits);
        await CrowdAsync(ledger, 1);
        Assert.Equal(1, ledger.Kept.Limits);
    }

    [Fact]
    public async Task AcquireAsync_LimitsInUse_AreSearchedAgainOnceThereAreTwiceAsMany()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        for (var number = 0; number < 1024; number++)
        {
            await TakeAsync(ledger, Claims.Money($"held/{number}", 1, 1, Clock.GetUtcNow()));
        }

        await CrowdAsync(ledger, 1024);
        Assert.Equal(2048, ledger.Kept.Limits);
        await CrowdAsync(ledger, 1);
        Assert.Equal(1025, ledger.Kept.Limits);
    }

    [Fact]
    public async Task AcquireAsync_LeaseGivenUpADayAfterExpiry_FreesItsLimit()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        await TakeAsync(ledger, Claims.Money("never settled", 5, 10, Clock.GetUtcNow()));
        Clock.Advance(TimeSpan.FromDays(42));

        await CrowdAsync(ledger, 1024);

        Assert.Equal(1, ledger.Kept.Limits);
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

    [Fact]
    public async Task AcquireAsync_LeasesSettledBeforeTheirDeadline_AreSearchedForOnceTheyOutnumberTheOthers()
    {
        const int Open = 10;
        var ledger = new InMemoryBillingLedger(Clock);
        var claim = Claims.Money("a", 1, long.MaxValue, Clock.GetUtcNow());
        for (var number = 0; number < Open; number++)
        {
            await TakeAsync(ledger, claim);
        }

        for (var number = 0; number < 1024 + Open; number++)
        {
            await SpendAsync(ledger, claim);
        }

        Assert.Equal(1024 + (2 * Open), ledger.Kept.Deadlines);
        await SpendAsync(ledger, claim);
        Assert.Equal(Open + 1, ledger.Kept.Deadlines);
    }

    protected override ValueTask<IBillingLedger> OpenAsync() => ValueTask.FromResult<IBillingLedger>(new InMemoryBillingLedger(Clock));

    private static async Task<LeaseId> TakeAsync(InMemoryBillingLedger ledger, LimitClaim claim) =>
        (await ledger.AcquireAsync([claim], LeaseDuration, Cancellation)).Lease!.Value;

    private static async Task SpendAsync(InMemoryBillingLedger ledger, LimitClaim claim) =>
        await ledger.SettleAsync(await TakeAsync(ledger, claim), LimitUnit.UsDollars, claim.Amount, Cancellation);

    // Others, none of which is worth keeping: of so many that the ledger looks for what it can forget.
    private async Task CrowdAsync(InMemoryBillingLedger ledger, int limits = ManyLimits)
    {
        for (var number = 0; number < limits; number++)
        {
            await ledger.ReleaseAsync(await TakeAsync(ledger, Claims.Money($"crowd/{_crowd++}", 1, 1, Clock.GetUtcNow())), Cancellation);
        }
    }
}
