using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class BillingGuardOptionsRulesTests
{
    [Fact]
    public void Check_Defaults_FindsNothing() => Assert.Empty(Check(new BillingGuardOptions()));

    [Fact]
    public void Check_EveryValueAtItsBound_FindsNothing() => Assert.Empty(Check(new BillingGuardOptions
    {
        MinimumBalance = 0m,
        PaysByInvoice = true,
        PaidRequestClaim = 0.000000001m,
        FreeRequestsPerMinute = 1,
        LeastOutputTokens = 1,
        MaxRequestBytes = 1,
        RefreshAfter = TimeSpan.FromTicks(1),
        MaxReadingAge = TimeSpan.FromTicks(1),
        MaxRefusalReadingAge = TimeSpan.FromTicks(1),
        ReadingTimeout = TimeSpan.FromDays(40),
        LeaseDuration = TimeSpan.FromDays(40),
        PriceRefreshAfter = TimeSpan.FromTicks(1),
        SettlementLag = TimeSpan.Zero,
        ReconcileFor = TimeSpan.Zero,
        FreeMinuteWait = TimeSpan.Zero,
        LeastSettlementLag = TimeSpan.Zero,
    }));

    [Fact]
    public void Check_BalanceKeptWithoutInvoices_FindsNothing() => Assert.Empty(Check(new BillingGuardOptions { MinimumBalance = 5m }));

    public static TheoryData<BillingGuardOptions, string> Problems() => new()
    {
        { new() { Mode = (BillingGuardMode)9 }, "Guard.Mode is 9: use Enforce, Observe or Off." },
        { new() { MinimumBalance = -0.5m }, "Guard.MinimumBalance is -0.5 USD: use 0 or more." },
        { new() { MinimumBalance = 0.5m, PaysByInvoice = true }, "Guard.MinimumBalance is 0.5 USD, and Guard.PaysByInvoice says that there is no balance: use one of the two." },
        { new() { PaidRequestClaim = 0m }, "Guard.PaidRequestClaim is 0 USD: use a positive amount, the most that one request can cost." },
        { new() { WhenUnavailable = (UnavailableBehavior)9 }, "Guard.WhenUnavailable is 9: use Refuse or Allow." },
        { new() { Pricing = (PricingMode)9 }, "Guard.Pricing is 9: use Catalogue, DearestEndpoint or Flat." },
        { new() { WhenUnreadable = (UnreadableBehavior)9 }, "Guard.WhenUnreadable is 9: use Allow or Refuse." },
        { new() { FreeRequestsPerMinute = 0 }, "Guard.FreeRequestsPerMinute is 0: use a positive number." },
        { new() { LeastOutputTokens = 0 }, "Guard.LeastOutputTokens is 0: use a positive number." },
        { new() { MaxRequestBytes = -1 }, "Guard.MaxRequestBytes is -1: use a positive number." },
        { new() { RefreshAfter = TimeSpan.Zero }, "Guard.RefreshAfter is 00:00:00: use a positive time of at most 40 days." },
        { new() { MaxReadingAge = TimeSpan.FromDays(41) }, "Guard.MaxReadingAge is 41.00:00:00: use a positive time of at most 40 days." },
        { new() { MaxRefusalReadingAge = TimeSpan.Zero }, "Guard.MaxRefusalReadingAge is 00:00:00: use a positive time of at most 40 days." },
        { new() { ReadingTimeout = TimeSpan.FromSeconds(-1) }, "Guard.ReadingTimeout is -00:00:01: use a positive time of at most 40 days." },
        { new() { LeaseDuration = TimeSpan.Zero }, "Guard.LeaseDuration is 00:00:00: use a positive time of at most 40 days." },
        { new() { PriceRefreshAfter = TimeSpan.Zero }, "Guard.PriceRefreshAfter is 00:00:00: use a positive time of at most 40 days." },
        { new() { SettlementLag = TimeSpan.FromTicks(-1) }, "Guard.SettlementLag is -00:00:00.0000001: use zero or a positive time of at most 40 days." },
        { new() { ReconcileFor = TimeSpan.FromDays(41) }, "Guard.ReconcileFor is 41.00:00:00: use zero or a positive time of at most 40 days." },
        { new() { FreeMinuteWait = TimeSpan.FromSeconds(-1) }, "Guard.FreeMinuteWait is -00:00:01: use zero or a positive time of at most 40 days." },
        { new() { LeastSettlementLag = TimeSpan.FromSeconds(-1) }, "Guard.LeastSettlementLag is -00:00:01: use zero or a positive time of at most 40 days." },
        { new() { RefreshAfter = TimeSpan.FromMinutes(2), MaxReadingAge = TimeSpan.FromMinutes(1) }, "Guard.MaxReadingAge is 00:01:00, shorter than Guard.RefreshAfter (00:02:00): make it at least as long." },
        { new() { MaxRequestCost = 0m }, "Guard.MaxRequestCost is 0 USD: use a positive amount, or leave it unset for any." },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void Check_OneWrongValue_SaysWhichAndWhatToUse(BillingGuardOptions options, string problem) => Assert.Equal([problem], Check(options));

    [Fact]
    public void Check_SeveralWrongValues_SaysEach() =>
        Assert.Equal(3, Check(new BillingGuardOptions { Mode = (BillingGuardMode)9, PaidRequestClaim = -1m, LeaseDuration = TimeSpan.Zero }).Count);

    private static List<string> Check(BillingGuardOptions options)
    {
        var failures = new List<string>();
        BillingGuardOptionsRules.Check(options, failures);
        return failures;
    }
}
