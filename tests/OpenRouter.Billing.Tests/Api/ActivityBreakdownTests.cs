namespace OpenRouter.Billing.Tests.Api;

public sealed class ActivityBreakdownTests
{
    private static readonly DateOnly Day = new(2026, 11, 17);

    private static readonly ActivityEntry[] Rows =
    [
        Row(Day, "a/cheap", "P", "w1", 1m, 3),
        Row(Day.AddDays(-1), "a/dear", "Q", "w1", 5m, 2),
        Row(Day, "a/dear", "P", "w2", 2m, 1),
        Row(Day.AddDays(-2), "a/free", null, "w2", 0m, 9),
        Row(Day, "a/own", "P", "w2", 0m, 4) with { ByokCost = 0.5m },
    ];

    [Fact]
    public void Total_OfRows_AddsEverythingUp() => Assert.Equal(
        new ActivityTotals { Cost = 8m, ByokCost = 0.5m, Requests = 19, PromptTokens = 190, CompletionTokens = 380, ReasoningTokens = 5 },
        Rows.Total());

    [Fact]
    public void Total_OfNothing_IsZero() => Assert.Equal(new ActivityTotals { Cost = 0, ByokCost = 0, Requests = 0, PromptTokens = 0, CompletionTokens = 0, ReasoningTokens = 0 }, Array.Empty<ActivityEntry>().Total());

    [Fact]
    public void Total_OneRowDoesNotSay_IsUnknownRatherThanTooLow()
    {
        var totals = Rows.Append(new ActivityEntry { Date = Day, Requests = 1 }).Total();
        Assert.Equal((null, 20L, null), (totals.Cost, totals.Requests, totals.PromptTokens));
    }

    [Fact]
    public void Total_BeyondItsType_ThrowsRatherThanTurningAround()
    {
        var large = new ActivityEntry { Date = Day, Requests = long.MaxValue / 2 };
        Assert.Throws<OverflowException>(() => Enumerable.Repeat(large, 3).Total());
    }

    [Fact]
    public void Breakdowns_OfRows_AreInOrderAndAddUp()
    {
        Assert.Equal([("a/dear", 7m), ("a/cheap", 1m), ("a/free", 0m), ("a/own", 0m)], Rows.ByModel().Select(group => (group.Key, group.Totals.Cost!.Value)));
        Assert.Equal([("Q", 5m), ("P", 3m), (null, 0m)], Rows.ByProvider().Select(group => (group.Key, group.Totals.Cost!.Value)));
        Assert.Equal([("w1", 6m), ("w2", 2m)], Rows.ByWorkspace().Select(group => (group.Key, group.Totals.Cost!.Value)));
        Assert.Equal([(Day.AddDays(-2), 0m), (Day.AddDays(-1), 5m), (Day, 3m)], Rows.ByDay().Select(group => (group.Key, group.Totals.Cost!.Value)));
        Assert.All(new[] { Rows.ByModel(), Rows.ByProvider(), Rows.ByWorkspace() }, groups => Assert.Equal(19, groups.Sum(group => group.Totals.Requests)));
    }

    [Fact]
    public void ByWorkspace_RowsThatDoNotSay_NameTheQueryToMake()
    {
        var exception = Assert.Throws<ArgumentException>(() => new[] { Rows[0] with { WorkspaceId = null } }.ByWorkspace());
        Assert.Contains("ActivityQuery.GroupByWorkspace", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FreeAndPaid_ByTheBill_PutsEveryRowInOnePlace()
    {
        ActivityEntry[] odd =
        [
            Row(Day, "a/b:free", "P", "w", 0.007m, 100),
            new() { Date = Day, Cost = 0, Requests = 1_000 },
            new() { Date = Day, ByokCost = 1, Requests = 10_000 },
            new() { Date = Day, Cost = -1, ByokCost = 0, Requests = 100_000 },
        ];
        var split = Rows.Concat(odd).FreeAndPaid();
        Assert.Equal((9L, 110_110L, 1_000L), (split.Free.Requests, split.Paid.Requests, split.Unknown.Requests));
        Assert.Equal(0m, split.Free.Cost);
    }

    private static ActivityEntry Row(DateOnly day, string model, string? provider, string workspace, decimal cost, long requests) => new()
    {
        Date = day, Model = model, ProviderName = provider, WorkspaceId = workspace, Cost = cost, ByokCost = 0, Requests = requests,
        PromptTokens = requests * 10, CompletionTokens = requests * 20, ReasoningTokens = 1,
    };
}
