namespace OpenRouter.Billing;

/// <summary>Whom a budget layer binds; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>member</c>.</param>
public readonly record struct BudgetScope(string Value)
{
    /// <summary>Gets the workspace's default guardrail, applied to a member: all keys of that member together.</summary>
    public static BudgetScope WorkspaceDefaultMember { get; } = new("workspace_default_member");

    /// <summary>Gets the workspace's default guardrail, applied to one key.</summary>
    public static BudgetScope WorkspaceDefaultKey { get; } = new("workspace_default_key");

    /// <summary>Gets a guardrail assigned to a member: all keys of that member together.</summary>
    public static BudgetScope Member { get; } = new("member");

    /// <summary>Gets a guardrail assigned to one key.</summary>
    public static BudgetScope ApiKey { get; } = new("api_key");

    /// <summary>Gets a workspace budget: all keys of the workspace together.</summary>
    public static BudgetScope Workspace { get; } = new("workspace");

    /// <summary>Gets the key's own spending limit.</summary>
    public static BudgetScope KeyLimit { get; } = new("key_limit");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
