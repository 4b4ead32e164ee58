using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

public sealed class InMemorySpendTests : SpendLedgerContract
{
    protected override ValueTask<ISpendLedger> OpenAsync() => new(new InMemoryBillingLedger(Clock));

    [Fact]
    public async Task ReadSpendAsync_AfterAMonth_ForgetsOldDays()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        await BookAsync(ledger, new() { Model = "old" });
        Clock.Advance(TimeSpan.FromDays(32));
        await BookAsync(ledger, new() { Model = "new" });

        Assert.Equal(["new"], await ModelsAsync(ledger));
    }

    [Fact]
    public async Task ReadSpendAsync_SettledADayAfterExpiry_StaysAtTheClaim()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        var lease = (await ledger.AcquireAsync(new LeaseRequest { Claims = [], Duration = TimeSpan.FromMinutes(1), ClaimedCost = 5_000_000_000 }, TestContext.Current.CancellationToken)).Lease!.Value;
        Clock.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromHours(24));

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 2_000_000_000, TestContext.Current.CancellationToken);

        await foreach (var entry in ledger.ReadSpendAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal((1, 5m, 0m), (entry.Requests, entry.Cost, entry.ByokCost));
            return;
        }

        Assert.Fail("Nothing was summed up.");
    }

    [Fact]
    public async Task ReadSpendAsync_GivenUpOnTheWay_Ends()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        await BookAsync(ledger, new() { Model = "a" });
        await BookAsync(ledger, new() { Model = "b" });
        using var giveUp = new CancellationTokenSource();
        await using var entries = ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Model }, giveUp.Token).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await entries.MoveNextAsync());

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => entries.MoveNextAsync().AsTask());
    }

    [Fact]
    public async Task ReadSpendAsync_EndlesslyManyMembers_AreSummedUpWithoutThem()
    {
        const int Members = 50_010;
        var ledger = new InMemoryBillingLedger(Clock);
        for (var member = 0; member < Members; member++)
        {
            await BookAsync(ledger, new() { Member = member.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        }

        // Whoever has a sum of his own keeps it.
        await BookAsync(ledger, new() { Member = "0" });

        var (rows, requests, unnamed) = (0, 0L, 0L);
        await foreach (var entry in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Member }, TestContext.Current.CancellationToken))
        {
            (rows, requests, unnamed) = (rows + 1, requests + entry.Requests, unnamed + (entry.Labels.Member is null ? entry.Requests : 0));
        }

        Assert.Equal((50_001, Members + 1, 10), (rows, requests, unnamed));
    }

    [Fact]
    public async Task ReadSpendAsync_KeysWhoseHashesBeginAlike_AreToldApart()
    {
        var ledger = new InMemoryBillingLedger(Clock);
        foreach (var keyHash in new[] { "0123456789abcdef", "0123456789abcdee", "0123456", "0123456789abcdef" })
        {
            await BookAsync(ledger, new() { KeyHash = keyHash });
        }

        var requests = new Dictionary<string, long>();
        await foreach (var entry in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Key }, TestContext.Current.CancellationToken))
        {
            requests.Add(entry.Labels.KeyHash!, entry.Requests);
        }

        Assert.Equal(new Dictionary<string, long> { ["0123456789abcdef"] = 2, ["0123456789abcdee"] = 1, ["0123456"] = 1 }, requests);
    }

    [Fact]
    public async Task SendAsync_InAScope_IsSummedUpByWhomAndWhat()
    {
        await using var world = await GuardedSandbox.StartAsync();
        using (BillingScope.Begin(new BillingScope { Project = "search", Member = "ann" }))
        {
            (await world.ChatAsync(GuardedSandbox.ChatBody())).Dispose();
        }

        await foreach (var entry in world.Ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Project | SpendGrouping.Member | SpendGrouping.Model | SpendGrouping.Key }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(("search", "ann", 1L), (entry.Labels.Project, entry.Labels.Member, entry.Requests));
            Assert.NotNull(entry.Labels.Model);
            Assert.Equal(64, entry.Labels.KeyHash!.Length);
            Assert.Equal(world.Sandbox.Account.TotalUsage, entry.Cost);
            Assert.True(entry.Cost > 0);
            return;
        }

        Assert.Fail("Nothing was summed up.");
    }

    private static async Task BookAsync(InMemoryBillingLedger ledger, SpendLabels labels)
    {
        var lease = (await ledger.AcquireAsync(new LeaseRequest { Claims = [], Duration = TimeSpan.FromMinutes(1), Labels = labels }, TestContext.Current.CancellationToken)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, TestContext.Current.CancellationToken);
        await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 1, TestContext.Current.CancellationToken);
    }

    private static async Task<List<string?>> ModelsAsync(InMemoryBillingLedger ledger)
    {
        var models = new List<string?>();
        await foreach (var entry in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Model }, TestContext.Current.CancellationToken))
        {
            models.Add(entry.Labels.Model);
        }

        return models;
    }
}
