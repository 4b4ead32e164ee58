using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>What every ledger that sums up spending must do. A test class per implementation derives from it.</summary>
public abstract class SpendLedgerContract
{
    private static readonly SpendLabels Search = new() { Project = "search", Member = "ann", Workspace = "w", KeyHash = "k1", Model = "a/b" };
    private static readonly SpendLabels Chat = new() { Project = "chat", Member = "bob", KeyHash = "k2", Model = "a/b" };

    protected ManualTimeProvider Clock { get; } = new();

    /// <summary>Opens an empty ledger that reads <see cref="Clock"/>.</summary>
    protected abstract ValueTask<ISpendLedger> OpenAsync();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateOnly Today => DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime);

    [Fact]
    public async Task ReadSpendAsync_NothingBooked_IsEmpty()
    {
        var ledger = await OpenAsync();
        await HoldAsync(ledger, Search, 5);

        Assert.Empty(await ReadAsync(ledger));
    }

    [Fact]
    public async Task ReadSpendAsync_LeaseWithoutClaims_BooksItsCost()
    {
        var ledger = await OpenAsync();
        var lease = (await ledger.AcquireAsync(new LeaseRequest { Claims = [], Duration = TimeSpan.FromMinutes(15), Labels = Search, ClaimedCost = 9 }, Cancellation)).Lease!.Value;

        await SettleAsync(ledger, lease, 1_500_000_000, 2_000_000_000);

        Assert.Equal(new SpendEntry { Day = Today, Requests = 1, Cost = 1.5m, ByokCost = 0.5m }, Assert.Single(await ReadAsync(ledger)));
    }

    [Fact]
    public async Task ReadSpendAsync_SettledAgain_CountsOnce()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Search, 5);

        await SettleAsync(ledger, lease, 3, 3);
        await SettleAsync(ledger, lease, 4, 9);

        Assert.Equal((1, 0.000_000_003m, 0m), Assert.Single((await ReadAsync(ledger)).Select(entry => (entry.Requests, entry.Cost, entry.ByokCost))));
    }

    [Fact]
    public async Task ReadSpendAsync_Released_CountsNothing()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Search, 5);

        await ledger.ReleaseAsync(lease, Cancellation);
        await SettleAsync(ledger, lease, 4, 4);

        Assert.Empty(await ReadAsync(ledger));
    }

    [Fact]
    public async Task ReadSpendAsync_NeverSettled_CountsTheClaimUntilALateAnswerComes()
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Search, 5_000_000_000);
        Clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal((1, 5m), Assert.Single((await ReadAsync(ledger)).Select(entry => (entry.Requests, entry.Cost))));
        await SettleAsync(ledger, lease, 2_000_000_000, 3_000_000_000);
        Assert.Equal((1, 2m, 1m), Assert.Single((await ReadAsync(ledger)).Select(entry => (entry.Requests, entry.Cost, entry.ByokCost))));
    }

    [Theory]
    [InlineData(LimitUnit.UsDollars, 2, "1 2 3")]
    [InlineData(LimitUnit.UsDollarsWithByok, 6, "1 5 1")]
    public async Task ReadSpendAsync_OnlyOneAmountSettledBeforeExpiry_CountsTheClaimForTheOther(LimitUnit unit, long dollars, string expected)
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Search, 5_000_000_000);
        await ledger.SettleAsync(lease, unit, dollars * 1_000_000_000, Cancellation);

        Clock.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal(expected, Assert.Single((await ReadAsync(ledger)).Select(entry => $"{entry.Requests} {entry.Cost:0} {entry.ByokCost:0}")));
    }

    [Theory]
    [InlineData(null, 0, "0 0 0")]
    [InlineData(LimitUnit.UsDollars, 2, "1 2 0")]
    [InlineData(LimitUnit.UsDollarsWithByok, 6, "1 0 6")]
    public async Task ReadSpendAsync_ReleasedAfterExpiry_CountsOnlyWhatWasSettled(LimitUnit? unit, long dollars, string expected)
    {
        var ledger = await OpenAsync();
        var lease = await HoldAsync(ledger, Search, 5_000_000_000);
        Clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(5m, Assert.Single((await ReadAsync(ledger)).Select(entry => entry.Cost)));
        if (unit is { } settled)
        {
            await ledger.SettleAsync(lease, settled, dollars * 1_000_000_000, Cancellation);
        }

        await ledger.ReleaseAsync(lease, Cancellation);

        Assert.Equal(expected, Assert.Single((await ReadAsync(ledger)).Select(entry => $"{entry.Requests} {entry.Cost:0} {entry.ByokCost:0}")));
    }

    [Fact]
    public async Task ReadSpendAsync_WithinADay_TellsTheLargestCostFirst()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Search, 2);
        await SpendAsync(ledger, Chat, 3);
        await SpendAsync(ledger, default, 1);

        Assert.Equal([3m, 2m, 1m], (await ReadAsync(ledger, new SpendQuery { GroupBy = SpendGrouping.Day | SpendGrouping.Member })).Select(entry => entry.Cost));
    }

    [Theory]
    [InlineData(SpendGrouping.None, "|||| 4 10")]
    [InlineData(SpendGrouping.Project, "chat|||| 1 4", "search|||| 3 6")]
    [InlineData(SpendGrouping.Member, "|ann||| 3 6", "|bob||| 1 4")]
    [InlineData(SpendGrouping.Workspace, "||w|| 3 6", "|||| 1 4")]
    [InlineData(SpendGrouping.Key, "|||k1| 3 6", "|||k2| 1 4")]
    [InlineData(SpendGrouping.Model, "||||a/b 4 10")]
    [InlineData(SpendGrouping.Project | SpendGrouping.Model, "chat||||a/b 1 4", "search||||a/b 3 6")]
    public async Task ReadSpendAsync_Grouped_SumsUpByThat(SpendGrouping grouping, params string[] expected)
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Search, 1);
        await SpendAsync(ledger, Search, 2);
        await SpendAsync(ledger, Search, 3);
        await SpendAsync(ledger, Chat, 4);

        var entries = await ReadAsync(ledger, new SpendQuery { GroupBy = grouping });

        Assert.All(entries, entry => Assert.Null(entry.Day));
        Assert.Equal(expected, entries.Select(entry => $"{entry.Labels.Project}|{entry.Labels.Member}|{entry.Labels.Workspace}|{entry.Labels.KeyHash}|{entry.Labels.Model} {entry.Requests} {entry.Cost:0}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ReadSpendAsync_SeveralDays_AreToldInOrderAndCanBeChosen()
    {
        var ledger = await OpenAsync();
        var first = Today;
        for (var day = 1; day <= 3; day++)
        {
            await SpendAsync(ledger, Search, day);
            Clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal([(first, 1m), (first.AddDays(1), 2m), (first.AddDays(2), 3m)], (await ReadAsync(ledger)).Select(entry => (entry.Day!.Value, entry.Cost)));
        Assert.Equal(2m, Assert.Single(await ReadAsync(ledger, new SpendQuery { From = first.AddDays(1), To = first.AddDays(1) })).Cost);
        Assert.Equal(6m, Assert.Single(await ReadAsync(ledger, new SpendQuery { GroupBy = SpendGrouping.None })).Cost);
    }

    [Fact]
    public async Task ReadSpendAsync_Where_CountsThatOnly()
    {
        var ledger = await OpenAsync();
        await SpendAsync(ledger, Search, 1);
        await SpendAsync(ledger, Chat, 4);
        await SpendAsync(ledger, default, 16);

        Assert.Equal(1m, await SumAsync(new() { Project = "search" }));
        Assert.Equal(4m, await SumAsync(new() { Member = "bob" }));
        Assert.Equal(1m, await SumAsync(new() { Workspace = "w" }));
        Assert.Equal(4m, await SumAsync(new() { KeyHash = "k2" }));
        Assert.Equal(5m, await SumAsync(new() { Model = "a/b" }));
        Assert.Equal(0m, await SumAsync(new() { Project = "search", Member = "bob" }));
        Assert.Equal(21m, await SumAsync(default));

        async Task<decimal> SumAsync(SpendLabels where) => (await ReadAsync(ledger, new SpendQuery { GroupBy = SpendGrouping.None, Where = where })).Sum(entry => entry.Cost);
    }

    [Fact]
    public async Task AcquireAsync_LabelledClaims_HoldAsOthersDo()
    {
        var ledger = await OpenAsync();
        var claim = Claims.Money("a", 6, 10, Clock.GetUtcNow() - TimeSpan.FromHours(1));
        var request = new LeaseRequest { Claims = [claim], Duration = TimeSpan.FromMinutes(15), Labels = Search, ClaimedCost = 6 };

        Assert.NotNull((await ledger.AcquireAsync(request, Cancellation)).Lease);
        Assert.Equal(6, Assert.Single((await ledger.AcquireAsync(request, Cancellation)).Usage).Leased);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ledger.AcquireAsync(request with { ClaimedCost = -1 }, Cancellation).AsTask());
    }

    private async Task SpendAsync(ISpendLedger ledger, SpendLabels labels, long dollars) =>
        await SettleAsync(ledger, await HoldAsync(ledger, labels, 20_000_000_000), dollars * 1_000_000_000, dollars * 1_000_000_000);

    private async Task<LeaseId> HoldAsync(ISpendLedger ledger, SpendLabels labels, long nanoDollars)
    {
        var claim = Claims.Money("all", nanoDollars, long.MaxValue, Clock.GetUtcNow() - TimeSpan.FromDays(1));
        return (await ledger.AcquireAsync(new LeaseRequest { Claims = [claim], Duration = TimeSpan.FromMinutes(15), Labels = labels, ClaimedCost = nanoDollars }, Cancellation)).Lease!.Value;
    }

    // As BillingLease settles: every unit once.
    private static async Task SettleAsync(ISpendLedger ledger, LeaseId lease, long cost, long costWithByok)
    {
        await ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation);
        await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, costWithByok, Cancellation);
    }

    private static async Task<List<SpendEntry>> ReadAsync(ISpendLedger ledger, SpendQuery? query = null)
    {
        var entries = new List<SpendEntry>();
        await foreach (var entry in ledger.ReadSpendAsync(query, Cancellation))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
