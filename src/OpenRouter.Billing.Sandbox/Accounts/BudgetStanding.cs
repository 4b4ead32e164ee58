namespace OpenRouter.Billing.Sandbox;

/// <summary>One layer of a key's budgets as it stands now, in the words of the wire.</summary>
internal sealed record BudgetStanding
{
    public required string Scope { get; init; }
    public required decimal Limit { get; init; }
    public required decimal Spent { get; init; }
    public required string? ResetInterval { get; init; }
    public required DateTimeOffset? ResetsAt { get; init; }

    /// <value>Null for a key's own cap, which is no object of its own.</value>
    public string? Id { get; init; }

    public decimal Remaining => Limit - Spent;

    /// <summary>Checking order: guardrails from the widest, then workspace budgets from the broadest window, then the key's cap.</summary>
    public (int Layer, int Breadth) Order => (
        Scope switch
        {
            SandboxBudget.WorkspaceDefaultMember => 0,
            SandboxBudget.WorkspaceDefaultKey => 1,
            SandboxBudget.MemberScope => 2,
            SandboxBudget.ApiKeyScope => 3,
            SandboxBudget.WorkspaceScope => 4,
            _ => 5,
        },
        ResetInterval switch { null => 0, UtcWindow.Monthly => 1, UtcWindow.Weekly => 2, _ => 3 });
}
