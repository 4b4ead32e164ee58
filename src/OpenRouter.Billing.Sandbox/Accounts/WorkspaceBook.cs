namespace OpenRouter.Billing.Sandbox;

/// <summary>An account's workspaces. Not thread-safe; the account's lock guards it.</summary>
internal sealed class WorkspaceBook
{
    private readonly SandboxAccount _account;
    private readonly List<SandboxWorkspace> _workspaces = [];

    public WorkspaceBook(SandboxAccount account)
    {
        _account = account;
        SandboxWorkspace first = new() { Id = account.DefaultWorkspaceId, Name = "Default", Slug = "default", CreatedAt = account.Now };
        first.Members.Add((Guid.NewGuid().ToString(), account.UserId, first.CreatedAt));
        _workspaces.Add(first);
    }

    public IReadOnlyList<SandboxWorkspace> All => _workspaces;

    /// <value>Null once it was deleted.</value>
    public SandboxWorkspace? Default => _workspaces.Find(workspace => workspace.Id == _account.DefaultWorkspaceId);

    public SandboxWorkspace? Find(string idOrSlug) =>
        _workspaces.Find(workspace => string.Equals(workspace.Id, idOrSlug, StringComparison.OrdinalIgnoreCase) || workspace.Slug == idOrSlug);

    public void Add(SandboxWorkspace workspace) => _workspaces.Add(workspace);

    public void Remove(SandboxWorkspace workspace)
    {
        foreach ((SandboxBudget budget, _, _) in workspace.Budgets.Values)
        {
            _account.RemoveBudget(budget);
        }

        _account.Guardrails.RemoveOf(workspace.Id);
        _account.Credentials.RemoveAll(credential => credential.WorkspaceId == workspace.Id);
        _workspaces.Remove(workspace);
    }
}
