using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class NanoDollarsTests
{
    private const long Most = 9_223_372_036_000_000_000;

    [Fact]
    public void Round_BetweenTwoNanoDollars_NeverSpendsWhatIsNotThere()
    {
        Assert.Equal((2L, 1L), (NanoDollars.RoundUp(0.000_000_001_1m), NanoDollars.RoundDown(0.000_000_001_9m)));
        Assert.Equal((-1L, -2L), (NanoDollars.RoundUp(-0.000_000_001_9m), NanoDollars.RoundDown(-0.000_000_001_1m)));
        Assert.Equal((1_250_000_000L, 1_250_000_000L), (NanoDollars.RoundUp(1.25m), NanoDollars.RoundDown(1.25m)));
    }

    [Fact]
    public void Round_MoreThanALedgerCanHold_IsTheMostOrLeastInWholeDollars()
    {
        Assert.Equal((Most, Most), (NanoDollars.RoundUp(decimal.MaxValue), NanoDollars.RoundDown(9_223_372_036.1m)));
        Assert.Equal((-Most, -Most), (NanoDollars.RoundUp(-9_223_372_036.1m), NanoDollars.RoundDown(decimal.MinValue)));
        Assert.Equal(Most - 1, NanoDollars.RoundUp(9_223_372_035.999_999_999m));
        Assert.True(Most > long.MaxValue - 1_000_000_000);
    }

    [Fact]
    public void RoundUp_TwoParts_RoundsTheirSumOnce()
    {
        Assert.Equal(1, NanoDollars.RoundUp(0.000_000_000_4m, 0.000_000_000_5m));
        Assert.Equal(750_000_000, NanoDollars.RoundUp(0.5m, 0.25m));
        Assert.Equal(Most, NanoDollars.RoundUp(decimal.MaxValue, decimal.MaxValue));
    }

    [Fact]
    public void ToDollars_AnyAmount_IsExact()
    {
        Assert.Equal(1.500_000_001m, NanoDollars.ToDollars(1_500_000_001L));
        Assert.Equal(9_223_372_036.854_775_807m, NanoDollars.ToDollars(long.MaxValue));
        Assert.Equal(18_446_744_073.709_551_614m, NanoDollars.ToDollars((Int128)long.MaxValue * 2));
    }
}
