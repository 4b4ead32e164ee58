using FsCheck;
using FsCheck.Fluent;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>Credits cost what OpenRouter's fees say, and the cheapest way to them is found.</summary>
public sealed class PurchaseQuoteTests
{
    [Theory]
    [InlineData(5, PaymentMethod.Card, "0.80")]
    [InlineData(14, PaymentMethod.Card, "0.80")]
    [InlineData(15, PaymentMethod.Card, "0.83")]
    [InlineData(100, PaymentMethod.Card, "5.50")]
    [InlineData(5, PaymentMethod.Crypto, "0.25")]
    [InlineData(100, PaymentMethod.Crypto, "5.00")]
    public void Quote_Amount_AddsTheFee(int credits, PaymentMethod method, string fee)
    {
        using var world = new PurchaseWorld();

        var quote = world.Purchases.Quote(credits, method);

        Assert.Equal(decimal.Parse(fee, System.Globalization.CultureInfo.InvariantCulture), quote.Fee);
        Assert.Equal((credits, credits + quote.Fee, 1, null), (quote.Credits, quote.Total, quote.Purchases, quote.Package));
        Assert.Equal(("OpenRouter's FAQ", new DateOnly(2026, 9, 30)), (quote.FeeSource, quote.FeesAsOf));
    }

    // What a reseller advertised; OpenRouter itself sells no packages.
    [Theory]
    [InlineData(12, null, 1, 12, "12.80")]
    [InlineData(50, 50, 1, 55, "52.75")]
    [InlineData(55, 50, 1, 55, "52.75")]
    [InlineData(57, null, 1, 57, "60.14")]
    [InlineData(100, 100, 1, 115, "105.50")]
    [InlineData(110, 100, 1, 115, "105.50")]
    [InlineData(112, 100, 1, 115, "105.50")]
    [InlineData(300, 250, 1, 300, "263.75")]
    [InlineData(600, 500, 1, 625, "527.50")]
    [InlineData(1250, 500, 2, 1250, "1055.00")]
    public void QuoteCheapest_PackagesWithBonus_FindsTheCheapestThatCovers(int needed, int? package, int purchases, int credits, string total)
    {
        using var world = new PurchaseWorld(Packages);

        var quote = world.Purchases.QuoteCheapest(needed);

        Assert.Equal(
            (package, purchases, credits, decimal.Parse(total, System.Globalization.CultureInfo.InvariantCulture)),
            ((int?)quote.Package, quote.Purchases, (int)quote.Credits, quote.Total));
    }

    [Fact]
    public void QuoteCheapest_NoPackages_IsTheAmountItself()
    {
        using var world = new PurchaseWorld();

        Assert.Equal(world.Purchases.Quote(77), world.Purchases.QuoteCheapest(77));
    }

    [Fact]
    public void QuoteCheapest_AnyNeedAndPackages_CoversItAndNothingIsCheaper() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithReplay(20261118UL, 1UL), Prop.ForAll(
            Gen.Choose(1, 200_000).Select(cents => cents / 100m).ToArbitrary(),
            Gen.Choose(1, 600).Zip(Gen.Choose(0, 60)).ArrayOf().ToArbitrary(),
            (needed, packages) =>
            {
                using var world = new PurchaseWorld(options => Array.ForEach(packages, package => options.Packages.Add(new() { Price = package.Item1, BonusRate = package.Item2 / 100m })));
                var quote = world.Purchases.QuoteCheapest(needed);
                var cheaper = packages.Where(package =>
                {
                    var count = Math.Ceiling(needed / (package.Item1 * (1 + (package.Item2 / 100m))));
                    return count <= 100 && count * world.Purchases.Quote(package.Item1).Total < quote.Total;
                });
                return quote.Credits >= needed && quote.Total <= world.Purchases.Quote(needed).Total && !cheaper.Any();
            }));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void Quote_NoAmount_Throws(int credits)
    {
        using var world = new PurchaseWorld();

        Assert.Throws<ArgumentOutOfRangeException>(() => world.Purchases.Quote(credits));
        Assert.Throws<ArgumentOutOfRangeException>(() => world.Purchases.QuoteCheapest(credits));
    }

    public static TheoryData<Action<PurchaseOptions>, string, string> Faults => new()
    {
        { options => options.CardFeeRate = 5.5m, "CardFeeRate is 5.5", "use a fraction from 0 to 1" },
        { options => options.CryptoFeeRate = -1, "CryptoFeeRate is -1", "use a fraction from 0 to 1" },
        { options => options.CardMinimumFee = -1, "CardMinimumFee is -1 USD", "use 0 or more" },
        { options => options.Packages.Add(null!), "Packages[0] is null", "take it out" },
        { options => options.Packages.Add(new()), "Packages[0].Price is 0 USD", "use a positive amount" },
        { options => options.Packages.Add(new() { Price = 1, BonusRate = -1 }), "Packages[0].BonusRate is -1", "use a fraction" },
        { options => options.UsualArrival = TimeSpan.Zero, "UsualArrival is 00:00:00", "use a positive time" },
        { options => options.UsualArrival = TimeSpan.FromMinutes(45), "UsualArrival is 00:45:00", "not longer than TicketAfter" },
        { options => options.TicketAfter = TimeSpan.FromHours(2), "TicketAfter is 02:00:00", "not longer than LongestArrival" },
        { options => options.LongestArrival = TimeSpan.FromDays(41), "LongestArrival is 41.", "at most 40 days" },
        { options => options.FirstPause = TimeSpan.FromHours(1), "FirstPause is 01:00:00", "not longer than LongestPause" },
        { options => options.RefundWindow = TimeSpan.Zero, "RefundWindow is 00:00:00", "use a positive time" },
        { options => options.RefundTicketFrom = 0, "RefundTicketFrom is 0 USD", "use a positive amount" },
        { options => options.RefundBusinessDays = 0, "RefundBusinessDays is 0", "use 1 to 1000" },
        { options => options.MonthsUntilExpiry = 0, "MonthsUntilExpiry is 0", "use 1 to 1200" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void BillingPurchases_FaultyOptions_NamesOptionValueAndCure(Action<PurchaseOptions> spoil, string found, string cure)
    {
        var fault = Assert.Throws<ArgumentException>(() => new PurchaseWorld(spoil));

        Assert.Contains(found, fault.Message, StringComparison.Ordinal);
        Assert.Contains(cure, fault.Message, StringComparison.Ordinal);
    }

    private static void Packages(PurchaseOptions options)
    {
        foreach (var (price, bonus) in new[] { (10m, 0m), (25m, 0m), (50m, 0.10m), (100m, 0.15m), (250m, 0.20m), (500m, 0.25m) })
        {
            options.Packages.Add(new() { Price = price, BonusRate = bonus });
        }
    }
}
