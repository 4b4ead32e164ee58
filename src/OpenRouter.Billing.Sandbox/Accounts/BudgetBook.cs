namespace OpenRouter.Billing.Sandbox;

/// <summary>An account's budgets and what they count: its keys, members and workspaces. Not thread-safe; the account's lock guards it.</summary>
internal sealed class BudgetBook
{
    private readonly Dictionary<string, SpendMeter> _members = [];
    private readonly Dictionary<string, SpendMeter> _workspaces = [];
    private readonly List<SandboxBudget> _budgets = [];

    public void Add(SandboxBudget budget) => _budgets.Add(budget);

    public void Remove(SandboxBudget budget) => _budgets.Remove(budget);

    public void Book(SandboxKey key, long nanoDollars, DateTimeOffset at)
    {
        key.Meter.Add(nanoDollars, at);
        MeterOf(_members, key.CreatorUserId).Add(nanoDollars, at);
        MeterOf(_workspaces, key.WorkspaceId).Add(nanoDollars, at);
    }

    /// <summary>The layers that bind a key, in checking order.</summary>
    public IReadOnlyList<BudgetStanding> StandingsOf(SandboxKey key, DateTimeOffset now)
    {
        IEnumerable<BudgetStanding> layers = _budgets
            .Where(budget => budget.Binds(key))
            .Concat(key.Budgets)
            .Concat(key.Account.Guardrails.BudgetsOf(key))
            .Select(budget => Standing(budget.Scope, budget.Limit, budget.ResetInterval, MeterOf(budget.Scope, key), now) with { Id = budget.Id });
        if (key.Limit is { } limit)
        {
            layers = layers.Append(Standing(SandboxBudget.KeyLimitScope, limit, key.LimitReset, key.Meter, now));
        }

        return layers.OrderBy(layer => layer.Order).ToArray();
    }

    private static BudgetStanding Standing(string scope, decimal limit, string? resetInterval, SpendMeter meter, DateTimeOffset now) => new()
    {
        Scope = scope,
        Limit = limit,
        Spent = NanoDollars.ToUsd(meter.Spent(resetInterval, now)),
        ResetInterval = resetInterval,
        ResetsAt = UtcWindow.EndOf(resetInterval, now),
    };

    private SpendMeter MeterOf(string scope, SandboxKey key) => scope switch
    {
        SandboxBudget.WorkspaceDefaultMember or SandboxBudget.MemberScope => MeterOf(_members, key.CreatorUserId),
        SandboxBudget.WorkspaceScope => MeterOf(_workspaces, key.WorkspaceId),
        _ => key.Meter,
    };

    private static SpendMeter MeterOf(Dictionary<string, SpendMeter> meters, string id)
    {
        if (!meters.TryGetValue(id, out SpendMeter? meter))
        {
            meters.Add(id, meter = new SpendMeter());
        }

        return meter;
    }
}
