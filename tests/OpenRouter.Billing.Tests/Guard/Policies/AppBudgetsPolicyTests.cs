using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>The app's own budgets: whose requests they count, and when they start again.</summary>
public sealed class AppBudgetsPolicyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BudgetWindow.Daily, "2026-04-23T00:00:00Z")]
    [InlineData(BudgetWindow.Weekly, "2026-04-27T00:00:00Z")]
    [InlineData(BudgetWindow.Monthly, "2026-05-01T00:00:00Z")]
    [InlineData(BudgetWindow.Lifetime, null)]
    public async Task Reserve_BudgetSpent_RefusesUntilTheWindowEnds(BudgetWindow window, string? resetsAt)
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 0.06m, Window = window }));
        await world.SpendAsync("""{"choices":[],"usage":{"cost":0.02}}""");

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());

        Assert.Equal(BillingCause.AppBudget, refusal.Verdict.Cause);
        Assert.Equal(0.04m, refusal.Remaining);
        Assert.Equal(0.05m, refusal.Required);
        DateTimeOffset? end = resetsAt is null ? null : DateTimeOffset.Parse(resetsAt, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(end, refusal.ResetsAt);
        Assert.StartsWith($"The app's budget ({window}, App) of 0.06 USD does not cover this request: it may cost 0.05 USD, and 0.04 USD may be spent", refusal.Message, StringComparison.Ordinal);
        if (end is { } instant)
        {
            await world.AdvanceAsync(instant - world.Clock.GetUtcNow());
            await world.PassesAsync();
        }
        else
        {
            await world.AdvanceAsync(TimeSpan.FromDays(500));
            await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());
        }
    }

    [Fact]
    public async Task Reserve_ProjectBudget_CountsEachProjectAlone()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Per = Spender.Project, Limit = 0.05m }));

        using (BillingScope.Begin(new() { Project = "search" }))
        {
            await world.SpendAsync("""{"choices":[],"usage":{"cost":0.04}}""");
            var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());
            Assert.Equal("Daily, Project 'search'", refusal.Verdict.Limit!.Name);
        }

        using (BillingScope.Begin(new() { Project = "chat" }))
        {
            await world.PassesAsync();
        }

        await world.PassesAsync();
    }

    [Fact]
    public async Task Reserve_BudgetByName_StandsInTheStead()
    {
        using var world = new GuardedStub(options =>
        {
            options.Guard.Budgets.Add(new() { Per = Spender.Member, Limit = 0.05m });
            options.Guard.Budgets.Add(new() { Per = Spender.Member, Limit = 1, Name = "alice" });
            options.Guard.Budgets.Add(new() { Per = Spender.Member, Limit = 0.2m, Name = "alice", Window = BudgetWindow.Monthly });
        });

        var alice = await LimitsAsync(world, new BillingScope { Member = "alice" });
        var bob = await LimitsAsync(world, new BillingScope { Member = "bob" });

        Assert.Equal([1m, 0.2m], alice);
        Assert.Equal([0.05m], bob);
    }

    [Fact]
    public async Task Reserve_EverySpender_HasABudgetOfItsOwn()
    {
        using var world = new GuardedStub(options =>
        {
            foreach (var spender in Enum.GetValues<Spender>())
            {
                options.Guard.Budgets.Add(new() { Per = spender, Limit = 0.08m });
            }
        });
        var scope = new BillingScope { Project = "x", Member = "x", Workspace = "x" };
        var lease = await world.Guard.ReserveAsync(PolicyWorld.Paid with { Scope = scope }, Cancellation);
        await lease.SettleAsync(0.01m, Cancellation);

        var other = PolicyWorld.Paid with { ApiKey = GuardedStub.OtherKey };
        var used = (await world.Guard.EvaluateAsync(other with { Scope = new() { Project = "x", Member = "y" } }, Cancellation)).Limits
            .Where(limit => limit.Cause == BillingCause.AppBudget).Select(limit => (limit.Name, limit.Used));

        // Another key of the same account, the same project, another member, no workspace.
        Assert.Equal(
            [("Daily, App", 0.01m), ("Daily, Account", 0.01m), ("Daily, Key", 0m), ("Daily, Project 'x'", 0.01m), ("Daily, Member 'y'", 0m)],
            used.Select(limit => (limit.Name!, limit.Used)));
    }

    [Fact]
    public async Task Reserve_FreeRequest_PassesASpentBudget()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 0 }));

        await world.PassesAsync(GuardedStub.FreeModel);

        await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());
    }

    [Fact]
    public async Task Reserve_OverspentBudget_SaysHowShortItIs()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 0.06m }));
        await world.SpendAsync("""{"choices":[],"usage":{"cost":0.08}}""");

        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(() => world.ChatAsync());

        Assert.StartsWith("The app's budget (Daily, App) of 0.06 USD does not cover this request: it may cost 0.05 USD, and it is 0.02 USD short already (model", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0.5)]
    [InlineData(false, 0)]
    public async Task Reserve_SpentThroughOwnProviderKey_CountsWhereItIsIncluded(bool includesByok, double used)
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 1, IncludesByok = includesByok }));
        await world.SpendAsync(PolicyWorld.ByokAnswer("true"));

        var decision = await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal((decimal)used, decision.Limits.Single(limit => limit.Cause == BillingCause.AppBudget).Used);
    }

    [Fact]
    public async Task Reserve_InParallel_NeverPassesTheBudget()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Per = Spender.Project, Limit = 0.5m }));
        var request = PolicyWorld.Paid with { Scope = new() { Project = "search" } };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            try
            {
                await world.Guard.ReserveAsync(request, Cancellation);
                return true;
            }
            catch (BudgetExceededException)
            {
                return false;
            }
        })));

        Assert.Equal(10, outcomes.Count(passed => passed));
    }

    private static async Task<IEnumerable<decimal>> LimitsAsync(GuardedStub world, BillingScope scope) =>
        (await world.Guard.EvaluateAsync(PolicyWorld.Paid with { Scope = scope }, Cancellation)).Limits
            .Where(limit => limit.Cause == BillingCause.AppBudget).Select(limit => limit.Capacity);
}
