using System.Globalization;

namespace OpenRouter.Billing;

/// <summary>A key of the account, as a management key sees it.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /keys</c> and <c>GET /keys/{hash}</c>; the key itself is never in it.</remarks>
public sealed record ApiKey
{
    /// <summary>Gets what identifies the key: 64 hexadecimal digits.</summary>
    /// <remarks>Read from <c>hash</c>.</remarks>
    public required string Hash { get; init; }

    /// <summary>Gets the key's name.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the key's display label, by default its first and last characters.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>label</c>.</remarks>
    public string? Label { get; init; }

    /// <summary>Gets whether the key is switched off.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>disabled</c>.</remarks>
    public bool? IsDisabled { get; init; }

    /// <summary>Gets whether the server said anything about the key's cap.</summary>
    /// <value><see langword="false"/> when the answer had no <c>limit</c>: <see cref="Limit"/> is then unknown, not absent.</value>
    public bool IsLimitKnown { get; init; }

    /// <summary>Gets how much the key may spend in one period.</summary>
    /// <value>US dollars; <see langword="null"/> when the key has no cap (see <see cref="IsLimitKnown"/>).</value>
    /// <remarks>Read from <c>limit</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets how much the key may still spend in the current period.</summary>
    /// <value>US dollars, possibly negative; <see langword="null"/> when the key has no cap.</value>
    /// <remarks>Read from <c>limit_remaining</c>.</remarks>
    public decimal? Remaining { get; init; }

    /// <summary>Gets how often the cap starts again.</summary>
    /// <value><see langword="null"/> when it never does.</value>
    /// <remarks>Read from <c>limit_reset</c>.</remarks>
    public ResetInterval? Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys eats the cap.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok_in_limit</c>.</remarks>
    public bool? IncludesByokInLimit { get; init; }

    /// <summary>Gets what the key has spent in credits.</summary>
    /// <remarks>Read from <c>usage</c>, <c>usage_daily</c>, <c>usage_weekly</c>, <c>usage_monthly</c>.</remarks>
    public required KeyUsage Usage { get; init; }

    /// <summary>Gets what the key has spent through the account's own provider keys.</summary>
    /// <remarks>Read from <c>byok_usage</c>, <c>byok_usage_daily</c>, <c>byok_usage_weekly</c>, <c>byok_usage_monthly</c>.</remarks>
    public required KeyUsage ByokUsage { get; init; }

    /// <summary>Gets when the key was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets when the key was last changed.</summary>
    /// <value>UTC; <see langword="null"/> when never, or when the server did not say.</value>
    /// <remarks>Read from <c>updated_at</c>.</remarks>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Gets when the key was last used.</summary>
    /// <value>UTC; <see langword="null"/> when never, or when the server did not say. Recorded since the end of 2025.</value>
    /// <remarks>Read from <c>last_used_at</c>.</remarks>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Gets when the key stops working.</summary>
    /// <value>UTC; <see langword="null"/> when it never does.</value>
    /// <remarks>Read from <c>expires_at</c>.</remarks>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Gets the member who made the key.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>creator_user_id</c>.</remarks>
    public string? CreatorUserId { get; init; }

    /// <summary>Gets the workspace that the key spends in.</summary>
    /// <value><see langword="null"/> when the server did not say; this is not the default workspace.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the partner's end user to whom the key belongs.</summary>
    /// <value><see langword="null"/> for a key without one.</value>
    /// <remarks>Read from <c>external_user</c>.</remarks>
    public string? ExternalUser { get; init; }

    /// <summary>Finds when the cap starts again.</summary>
    /// <param name="instant">Usually now.</param>
    /// <returns>Midnight UTC after the instant; <see langword="null"/> when the cap never starts again, or by an interval that is unknown.</returns>
    public DateTimeOffset? NextReset(DateTimeOffset instant) => Reset?.NextReset(instant);

    /// <summary>Shows name, state and cap. The label is left out: by default it is a part of the key.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{nameof(ApiKey)} {{ Hash = {Hash}, Name = {Name}, IsDisabled = {IsDisabled}, Limit = {Limit}, Remaining = {Remaining}, Reset = {Reset} }}");
}
