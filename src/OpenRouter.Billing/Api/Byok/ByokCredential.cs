namespace OpenRouter.Billing;

/// <summary>A provider's key that is stored with OpenRouter, so that requests run on the account's own contract with that provider. The key itself is never given back.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /byok</c> and <c>GET /byok/{id}</c>.</remarks>
public sealed record ByokCredential
{
    /// <summary>Gets the credential's id, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the slug of the provider, such as <c>amazon-bedrock</c>. New ones appear unannounced.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider</c>.</remarks>
    public string? Provider { get; init; }

    /// <summary>Gets the id of the only workspace that may use the credential.</summary>
    /// <value><see langword="null"/> for every workspace of the account, not for the default one.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the masked form of the key, such as <c>sk-...AbCd</c>.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>label</c>.</remarks>
    public string? Label { get; init; }

    /// <summary>Gets the name for people.</summary>
    /// <value><see langword="null"/> without one.</value>
    /// <remarks>Read from <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets whether the credential is switched off.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>disabled</c>.</remarks>
    public bool? IsDisabled { get; init; }

    /// <summary>Gets whether the credential is tried only after those of the same provider that are no fallback.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_fallback</c>.</remarks>
    public bool? IsFallback { get; init; }

    /// <summary>Gets whether the models that the credential serves never run on OpenRouter's shared capacity at this provider, and so never cost credits there.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_required</c>.</remarks>
    public bool? IsRequired { get; init; }

    /// <summary>Gets whether no model at all runs on OpenRouter's shared capacity at this provider: it is skipped rather than paid with credits.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_byok_only</c>.</remarks>
    public bool? IsByokOnly { get; init; }

    /// <summary>Gets what the account declared about data retention under its contract: <see langword="true"/> for none, <see langword="false"/> for some.</summary>
    /// <value><see langword="null"/> when what OpenRouter says of the provider holds.</value>
    /// <remarks>Read from <c>declared_zdr</c>.</remarks>
    public bool? DeclaresZeroDataRetention { get; init; }

    /// <summary>Gets the place among the credentials of the provider: they are tried in ascending order.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>sort_order</c>.</remarks>
    public long? SortOrder { get; init; }

    /// <summary>Gets the slugs of the only models that the credential serves.</summary>
    /// <value><see langword="null"/> for every model.</value>
    /// <remarks>Read from <c>allowed_models</c>.</remarks>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Gets the hashes of the only keys that may use the credential.</summary>
    /// <value><see langword="null"/> for every key.</value>
    /// <remarks>Read from <c>allowed_api_key_hashes</c>.</remarks>
    public IReadOnlyList<string>? AllowedKeyHashes { get; init; }

    /// <summary>Gets the ids of the only users who may use the credential.</summary>
    /// <value><see langword="null"/> for every user.</value>
    /// <remarks>Read from <c>allowed_user_ids</c>.</remarks>
    public IReadOnlyList<string>? AllowedUserIds { get; init; }

    /// <summary>Gets when the credential was stored.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }
}
