namespace OpenRouter.Billing;

/// <summary>Which activity to read; every filter that is left unset does not filter.</summary>
public sealed record ActivityQuery
{
    /// <summary>Gets the one completed UTC day to read, within the last 30.</summary>
    /// <value><see langword="null"/> for all 30 days.</value>
    /// <remarks>Sent as <c>date</c>.</remarks>
    public DateOnly? Date { get; init; }

    /// <summary>Gets the key whose activity to read, by its hash.</summary>
    /// <value>64 hexadecimal digits; <see langword="null"/> for all keys.</value>
    /// <remarks>Sent as <c>api_key_hash</c>.</remarks>
    public string? ApiKeyHash { get; init; }

    /// <summary>Gets the organization member whose activity to read.</summary>
    /// <value><see langword="null"/> for all members; organizations only.</value>
    /// <remarks>Sent as <c>user_id</c>.</remarks>
    public string? UserId { get; init; }

    /// <summary>Gets the workspace whose activity to read.</summary>
    /// <value><see langword="null"/> for all workspaces.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets whether each row is split by workspace and carries <see cref="ActivityEntry.WorkspaceId"/>.</summary>
    /// <value><see langword="false"/> by default.</value>
    /// <remarks>Sent as <c>group_by=workspace</c>.</remarks>
    public bool GroupByWorkspace { get; init; }
}
