namespace OpenRouter.Billing;

/// <summary>A key to be made.</summary>
public sealed record KeyDraft
{
    /// <summary>Gets the key's name; not blank.</summary>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public required string Name { get; init; }

    /// <summary>Gets how much the key may spend in one period.</summary>
    /// <value>US dollars, not negative; <see langword="null"/> by default for a key without a cap.</value>
    /// <remarks>Sent as <c>limit</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how often the cap starts again.</summary>
    /// <value><see langword="null"/> by default for never.</value>
    /// <remarks>Sent as <c>limit_reset</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys eats the cap.</summary>
    /// <value><see langword="null"/> by default: as OpenRouter has it, which is no.</value>
    /// <remarks>Sent as <c>include_byok_in_limit</c>.</remarks>
    public bool? IncludesByokInLimit { get; init; }

    /// <summary>Gets when the key stops working. It cannot be given later.</summary>
    /// <value>UTC, sent to the whole second; <see langword="null"/> by default for never.</value>
    /// <remarks>Sent as <c>expires_at</c>.</remarks>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Gets the workspace that the key spends in.</summary>
    /// <value><see langword="null"/> by default: the account's default workspace.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets the member who counts as the key's maker.</summary>
    /// <value><see langword="null"/> by default; organizations only.</value>
    /// <remarks>Sent as <c>creator_user_id</c>.</remarks>
    public string? CreatorUserId { get; init; }

    /// <summary>Gets the partner's end user to whom the key belongs.</summary>
    /// <value><see langword="null"/> by default; partners only.</value>
    /// <remarks>Sent as <c>external.user</c>.</remarks>
    public string? ExternalUser { get; init; }
}
