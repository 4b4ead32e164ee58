namespace OpenRouter.Billing;

/// <summary>Which keys to list.</summary>
public sealed record KeyQuery
{
    /// <summary>Gets the workspace whose keys to list.</summary>
    /// <value><see langword="null"/> by default: the account's default workspace alone, as OpenRouter has it.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets whether the keys of every workspace are listed, one workspace after the other.</summary>
    /// <value><see langword="false"/> by default. Not together with <see cref="WorkspaceId"/>.</value>
    public bool AllWorkspaces { get; init; }

    /// <summary>Gets whether keys that are switched off are listed too.</summary>
    /// <value><see langword="false"/> by default.</value>
    /// <remarks>Sent as <c>include_disabled</c>.</remarks>
    public bool IncludesDisabled { get; init; }

    /// <summary>Gets whether keys that have expired are listed too.</summary>
    /// <value><see langword="false"/> by default.</value>
    /// <remarks>Sent as <c>include_expired</c>.</remarks>
    public bool IncludesExpired { get; init; }
}
