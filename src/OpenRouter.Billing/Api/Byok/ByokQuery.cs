namespace OpenRouter.Billing;

/// <summary>Which stored provider keys to list.</summary>
public sealed record ByokQuery
{
    /// <summary>Gets the workspace.</summary>
    /// <value><see langword="null"/> by default: the account's default workspace alone.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets the slug of the provider.</summary>
    /// <value><see langword="null"/> by default: every provider.</value>
    /// <remarks>Sent as <c>provider</c>.</remarks>
    public string? Provider { get; init; }
}
