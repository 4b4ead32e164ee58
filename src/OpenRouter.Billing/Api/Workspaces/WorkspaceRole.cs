namespace OpenRouter.Billing;

/// <summary>What a member may do in a workspace; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>admin</c>.</param>
public readonly record struct WorkspaceRole(string Value)
{
    /// <summary>Gets the role of those who manage the workspace.</summary>
    public static WorkspaceRole Admin { get; } = new("admin");

    /// <summary>Gets the role of those who use the workspace.</summary>
    public static WorkspaceRole Member { get; } = new("member");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
