namespace OpenRouter.Billing.Sandbox;

/// <summary>An account's guardrails and the budgets that follow from them. Not thread-safe; the account's lock guards it.</summary>
internal sealed class GuardrailBook(SandboxAccount account)
{
    private readonly List<SandboxGuardrail> _guardrails = [];

    public IReadOnlyList<SandboxGuardrail> All => _guardrails;

    public SandboxGuardrail? Find(string id) => _guardrails.Find(guardrail => string.Equals(guardrail.Id, id, StringComparison.OrdinalIgnoreCase));

    public void Add(SandboxGuardrail guardrail) => _guardrails.Add(guardrail);

    public void Remove(SandboxGuardrail guardrail) => _guardrails.Remove(guardrail);

    public void RemoveOf(string workspaceId) => _guardrails.RemoveAll(guardrail => guardrail.WorkspaceId == workspaceId);

    /// <summary>A guardrail binds each assigned key and member by itself, and as a workspace's default everybody in it.</summary>
    public IEnumerable<SandboxBudget> BudgetsOf(SandboxKey key)
    {
        string? byDefault = account.Workspaces.Find(key.WorkspaceId)?.DefaultGuardrailId;
        foreach (SandboxGuardrail guardrail in _guardrails.Where(guardrail => guardrail.Limit is not null))
        {
            if (guardrail.Id == byDefault)
            {
                yield return BudgetOf(guardrail, SandboxBudget.WorkspaceDefaultMember);
                yield return BudgetOf(guardrail, SandboxBudget.WorkspaceDefaultKey);
            }

            if (guardrail.Members.ContainsKey(key.CreatorUserId))
            {
                yield return BudgetOf(guardrail, SandboxBudget.MemberScope);
            }

            if (guardrail.Keys.ContainsKey(key.Hash))
            {
                yield return BudgetOf(guardrail, SandboxBudget.ApiKeyScope);
            }
        }
    }

    private static SandboxBudget BudgetOf(SandboxGuardrail guardrail, string scope) =>
        new() { Id = guardrail.Id, Scope = scope, Limit = guardrail.Limit!.Value, ResetInterval = guardrail.ResetInterval };
}
