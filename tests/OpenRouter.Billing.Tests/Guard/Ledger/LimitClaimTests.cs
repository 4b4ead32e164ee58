using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class LimitClaimTests
{
    private static readonly DateTimeOffset Since = new(2026, 11, 18, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void InUsDollars_PartsOfNanoDollars_RoundsTheAmountUpAndTheCapacityDown()
    {
        var claim = LimitClaim.InUsDollars("key/a", BillingCause.KeyLimit, 0.000_000_001_2m, 0.000_000_009_9m, Since, Since.AddDays(1));

        Assert.Equal(new LimitClaim { Limit = "key/a", Cause = BillingCause.KeyLimit, Unit = LimitUnit.UsDollars, Amount = 2, Capacity = 9, Since = Since, ResetsAt = Since.AddDays(1) }, claim);
    }

    [Fact]
    public void InUsDollars_NoLimit_Throws() =>
        Assert.Equal("limit", Assert.Throws<ArgumentNullException>(() => LimitClaim.InUsDollars(null!, BillingCause.AccountCredits, 1, 1, Since)).ParamName);

    [Fact]
    public void InUsDollars_NegativeAmount_Throws()
    {
        Assert.Equal("amount", Assert.Throws<ArgumentOutOfRangeException>(() => LimitClaim.InUsDollars("a", BillingCause.AccountCredits, -0.01m, 1, Since)).ParamName);
        Assert.Equal(0, LimitClaim.InUsDollars("a", BillingCause.AccountCredits, 0, -1, Since).Amount);
    }

    [Fact]
    public void InRequests_NoLimit_Throws() =>
        Assert.Equal("limit", Assert.Throws<ArgumentNullException>(() => LimitClaim.InRequests(null!, BillingCause.FreeRequestsPerDay, 1, Since)).ParamName);
}
