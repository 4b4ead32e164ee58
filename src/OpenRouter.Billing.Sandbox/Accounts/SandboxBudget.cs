namespace OpenRouter.Billing.Sandbox;

/// <summary>A guardrail or workspace budget: a layer of <c>budgets</c> in <c>GET /key</c> that refuses with 403 once it is spent.</summary>
public sealed record SandboxBudget
{
    internal const string WorkspaceDefaultMember = "workspace_default_member";
    internal const string WorkspaceDefaultKey = "workspace_default_key";
    internal const string MemberScope = "member";
    internal const string ApiKeyScope = "api_key";
    internal const string WorkspaceScope = "workspace";
    internal const string KeyLimitScope = "key_limit";

    /// <summary>Gets what the budget counts.</summary>
    /// <value>
    /// <c>workspace_default_member</c> and <c>member</c> count all keys of the key's member together,
    /// <c>workspace_default_key</c> and <c>api_key</c> the one key, <c>workspace</c> all keys of the key's workspace.
    /// A key's own cap is not a budget: see <see cref="SandboxKeyOptions.Limit"/>.
    /// </value>
    public required string Scope { get; init; }

    /// <summary>Gets how much may be spent in one window.</summary>
    /// <value>US dollars.</value>
    public required decimal Limit { get; init; }

    /// <summary>Gets when the spend starts again at zero.</summary>
    /// <value><c>daily</c> (00:00 UTC), <c>weekly</c> (Monday), <c>monthly</c> (the 1st), or <see langword="null"/> for never.</value>
    public string? ResetInterval { get; init; }

    /// <summary>Gets the member whose keys the budget binds, when it was added to the account.</summary>
    /// <value>A user id; <see langword="null"/> for every member.</value>
    public string? MemberId { get; init; }

    /// <summary>Gets the workspace whose keys the budget binds, when it was added to the account.</summary>
    /// <value>A workspace id; <see langword="null"/> for every workspace.</value>
    public string? WorkspaceId { get; init; }

    internal string Id { get; init; } = Guid.NewGuid().ToString();

    internal void Validate()
    {
        if (Scope is not (WorkspaceDefaultMember or WorkspaceDefaultKey or MemberScope or ApiKeyScope or WorkspaceScope))
        {
            throw new ArgumentException($"'{Scope}' is no budget scope: use 'workspace_default_member', 'workspace_default_key', 'member', 'api_key' or 'workspace'.", nameof(Scope));
        }

        UtcWindow.ThrowIfUnknown(ResetInterval, nameof(ResetInterval));
    }

    internal bool Binds(SandboxKey key) =>
        (MemberId is null || MemberId == key.CreatorUserId) && (WorkspaceId is null || WorkspaceId == key.WorkspaceId);
}
