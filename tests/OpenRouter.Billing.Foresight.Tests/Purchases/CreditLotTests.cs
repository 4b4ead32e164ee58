using FsCheck;
using FsCheck.Fluent;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>What is left of each purchase, until when it can be given back, and when it expires.</summary>
public sealed class CreditLotTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListLotsAsync_Used_TakesTheOldestFirst()
    {
        using var world = new PurchaseWorld { InitialCredits = 60, Usage = () => 27 };
        await RecordAsync(world, ("b", 20, -10), ("a", 10, -300), ("c", 30, -1));

        var lots = await world.Purchases.ListLotsAsync(cancellationToken: Token);

        Assert.Equal([("a", 0m), ("b", 3m), ("c", 30m)], lots.Select(lot => (lot.Purchase.Id, lot.Unused)));
        Assert.Equal(world.Clock.GetUtcNow().AddDays(-300).AddYears(1), lots[0].ExpiresAt);
        Assert.All(lots, lot => Assert.Null(lot.ExpectedToExpire));
    }

    [Fact]
    public async Task ListLotsAsync_CreditsThatNobodyRecorded_AreUsedBefore()
    {
        using var world = new PurchaseWorld { InitialCredits = 100, Usage = () => 75 };
        await RecordAsync(world, ("a", 20, -5), ("b", 10, -1));

        Assert.Equal([("a", 15m), ("b", 10m)], (await world.Purchases.ListLotsAsync(cancellationToken: Token)).Select(lot => (lot.Purchase.Id, lot.Unused)));
    }

    [Fact]
    public async Task ListLotsAsync_NewestIsOnItsWay_SaysWhatHasArrived()
    {
        using var world = new PurchaseWorld { InitialCredits = 25, Usage = () => 5 };
        await RecordAsync(world, ("a", 20, -5), ("b", 10, 0));

        Assert.Equal([(20m, 15m), (5m, 5m)], (await world.Purchases.ListLotsAsync(cancellationToken: Token)).Select(lot => (lot.Arrived, lot.Unused)));
    }

    [Fact]
    public async Task ListLotsAsync_SpendingTooSlow_WarnsOfWhatWillExpire()
    {
        using var world = new PurchaseWorld { InitialCredits = 150, Usage = () => 0 };
        await RecordAsync(world, ("a", 50, -355), ("b", 100, -10));
        var left = (world.Clock.GetUtcNow().AddDays(-355).AddYears(1) - world.Clock.GetUtcNow()).Days;

        var lots = await world.Purchases.ListLotsAsync(perDay: 2m, Token);

        Assert.Equal([50m - (2 * left), 0m], lots.Select(lot => lot.ExpectedToExpire));
        Assert.Equal([50m, 100m], (await world.Purchases.ListLotsAsync(perDay: 0, Token)).Select(lot => lot.ExpectedToExpire));
    }

    [Fact]
    public void ListLots_AnyPurchasesAndUsage_AddUpAndAreUsedInOrder() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(20261118UL, 1UL), Prop.ForAll(
            Gen.Choose(1, 10_000).Zip(Gen.Choose(0, 400)).ArrayOf().ToArbitrary(),
            Gen.Choose(0, 60_000).Zip(Gen.Choose(0, 70_000)).ToArbitrary(),
            Gen.Choose(0, 500).ToArbitrary(),
            (bought, account, perDay) =>
            {
                var now = new DateTimeOffset(2026, 11, 18, 0, 0, 0, TimeSpan.Zero);
                var purchases = bought.Select((one, index) => new Purchase { Id = index.ToString("d6", System.Globalization.CultureInfo.InvariantCulture), Credits = one.Item1 / 100m, PaidAt = now.AddDays(-one.Item2) }).ToArray();
                var balance = new CreditBalance { TotalCredits = account.Item1 / 100m, TotalUsage = account.Item2 / 100m };
                var lots = CreditLots.Of(purchases, balance, new PurchaseOptions(), now, perDay / 10m);
                var recorded = purchases.Sum(purchase => purchase.Credits);
                var expected = Math.Min(recorded, Math.Max(0, balance.Remaining));
                var firstLeft = lots.ToList().FindIndex(lot => lot.Unused > 0);
                return (lots.Sum(lot => lot.Unused) == expected).Label("the unused add up")
                    .And((lots.Sum(lot => lot.Arrived) == Math.Min(recorded, balance.TotalCredits)).Label("the arrived add up"))
                    .And((firstLeft < 0 || lots.Skip(firstLeft + 1).All(lot => lot.Unused == lot.Arrived)).Label("the oldest are used first"))
                    .And(lots.All(lot => lot.Unused >= 0 && lot.Unused <= lot.Arrived && lot.Arrived <= lot.Purchase.Credits && lot.ExpectedToExpire >= 0 && lot.ExpectedToExpire <= lot.Unused).Label("within bounds"));
            }));

    [Theory]
    [InlineData(49, 1, PaymentMethod.Card, 0, RefundRoute.Button, 49)]
    [InlineData(50, 1, PaymentMethod.Card, 0, RefundRoute.Ticket, 50)]
    [InlineData(49, 23, PaymentMethod.Card, 20, RefundRoute.Button, 29)]
    [InlineData(49, 25, PaymentMethod.Card, 0, RefundRoute.None, 0)]
    [InlineData(49, 1, PaymentMethod.Card, 49, RefundRoute.None, 0)]
    [InlineData(49, 1, PaymentMethod.Crypto, 0, RefundRoute.None, 0)]
    public async Task AdviseRefundAsync_Purchase_SaysHowAndHowMuch(int credits, int hoursAgo, PaymentMethod method, int used, RefundRoute route, int amount)
    {
        using var world = new PurchaseWorld { InitialCredits = credits, Usage = () => used };
        var paidAt = world.Clock.GetUtcNow().AddHours(-hoursAgo);
        await world.Purchases.RecordAsync(new Purchase { Id = "p", Credits = credits, PaidAt = paidAt, Method = method }, Token);

        var advice = await world.Purchases.AdviseRefundAsync("p", Token);

        Assert.Equal((route, amount, paidAt.AddHours(24)), (advice!.Route, advice.Amount, advice.Until));
        Assert.Equal(route != RefundRoute.None, advice.ChaseAfter is not null);
        Assert.EndsWith(".", advice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdviseRefundAsync_WithBonus_GivesBackWhatWasPaid()
    {
        using var world = new PurchaseWorld { InitialCredits = 46, Usage = () => 0 };
        await world.Purchases.RecordAsync(new Purchase { Id = "p", Credits = 46, Price = 40, PaidAt = world.Clock.GetUtcNow() }, Token);

        Assert.Equal(40, (await world.Purchases.AdviseRefundAsync("p", Token))!.Amount);
        Assert.Null(await world.Purchases.AdviseRefundAsync("another", Token));
    }

    [Theory]
    [InlineData("2026-11-18", 10, "2026-12-02")]
    [InlineData("2026-11-20", 1, "2026-11-23")]
    [InlineData("2026-11-21", 1, "2026-11-23")]
    [InlineData("2026-11-22", 5, "2026-11-27")]
    public void After_Day_LeavesWeekendsOut(string day, int count, string expected) =>
        Assert.Equal(DateOnly.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), BusinessDays.After(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), count));

    [Fact]
    public async Task RecordAsync_ManyAtOnce_LosesNone()
    {
        using var world = new PurchaseWorld();
        var other = new BillingPurchases(world.Billing, world.Options, world.State, world.Clock);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(turn => Task.Run(() => (turn % 2 == 0 ? world.Purchases : other).RecordAsync(new Purchase { Id = $"p{turn}", Credits = 1, PaidAt = world.Clock.GetUtcNow() }, Token), Token)));

        Assert.Equal(60, (await other.ListLotsAsync(cancellationToken: Token)).Count);
    }

    [Fact]
    public async Task RecordAsync_SameIdAndTooMany_ReplacesAndForgetsTheOldest()
    {
        using var world = new PurchaseWorld();
        for (var turn = 0; turn < PurchaseBook.MostKept + 5; turn++)
        {
            await world.Purchases.RecordAsync(new Purchase { Id = $"p{turn}", Credits = 1, PaidAt = world.Clock.GetUtcNow().AddMinutes(turn - 2000) }, Token);
        }

        await world.Purchases.RecordAsync(new Purchase { Id = "p77", Credits = 2.5m, PaidAt = world.Clock.GetUtcNow().AddMinutes(77 - 2000), Method = PaymentMethod.Crypto }, Token);

        var kept = await world.Purchases.ReadRecordedAsync(Token);
        Assert.Equal(PurchaseBook.MostKept, kept.Count);
        Assert.Equal("p5", kept[0].Id);
        Assert.Equal((2.5m, PaymentMethod.Crypto), (kept.Single(purchase => purchase.Id == "p77").Credits, kept.Single(purchase => purchase.Id == "p77").Method));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("p", 0)]
    [InlineData("p", -1)]
    [InlineData("sk-or-v1-1111111111111111111111111111111111111111111111111111111111111111", 1)]
    public async Task RecordAsync_ThatCannotBe_ThrowsAndWritesNothing(string id, int credits)
    {
        using var world = new PurchaseWorld();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => world.Purchases.RecordAsync(new Purchase { Id = id, Credits = credits, PaidAt = world.Clock.GetUtcNow() }, Token));

        Assert.Empty(await world.Purchases.ReadRecordedAsync(Token));
    }

    private static async Task RecordAsync(PurchaseWorld world, params (string Id, decimal Credits, int Days)[] purchases)
    {
        foreach (var (id, credits, days) in purchases)
        {
            await world.Purchases.RecordAsync(new Purchase { Id = id, Credits = credits, PaidAt = world.Clock.GetUtcNow().AddDays(days) }, Token);
        }
    }
}
