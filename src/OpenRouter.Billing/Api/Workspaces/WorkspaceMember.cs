namespace OpenRouter.Billing;

/// <summary>A member of a workspace.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /workspaces/{id}/members</c>.</remarks>
public sealed record WorkspaceMember
{
    /// <summary>Gets the id of the membership, a UUID.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>id</c>.</remarks>
    public string? Id { get; init; }

    /// <summary>Gets the member's user id.</summary>
    /// <remarks>Read from <c>user_id</c>.</remarks>
    public required string UserId { get; init; }

    /// <summary>Gets the id of the workspace, a UUID.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets what the member may do there.</summary>
    /// <value>An empty word when the server did not say.</value>
    /// <remarks>Read from <c>role</c>.</remarks>
    public required WorkspaceRole Role { get; init; }

    /// <summary>Gets since when.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }
}
