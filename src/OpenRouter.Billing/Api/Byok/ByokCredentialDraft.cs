namespace OpenRouter.Billing;

/// <summary>A provider's key that is to be stored with OpenRouter.</summary>
public sealed record ByokCredentialDraft
{
    /// <summary>Gets the slug of the provider, such as <c>openai</c> or <c>amazon-bedrock</c>.</summary>
    /// <remarks>Sent as <c>provider</c>.</remarks>
    public required string Provider { get; init; }

    /// <summary>Gets the provider's key.</summary>
    /// <remarks>Sent as <c>key</c>.</remarks>
    public required ProviderKey Key { get; init; }

    /// <summary>Gets the name for people, up to 255 characters.</summary>
    /// <value><see langword="null"/> by default: none.</value>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the workspace that may use the credential.</summary>
    /// <value><see langword="null"/> by default: the account's default workspace.</value>
    /// <remarks>Sent as <c>workspace_id</c>.</remarks>
    public Guid? WorkspaceId { get; init; }

    /// <summary>Gets whether the credential begins switched off.</summary>
    /// <value><see langword="null"/> by default: it is on.</value>
    /// <remarks>Sent as <c>disabled</c>.</remarks>
    public bool? IsDisabled { get; init; }

    /// <summary>Gets whether the credential is tried only after those that are no fallback. Not together with <see cref="IsByokOnly"/>.</summary>
    /// <value><see langword="null"/> by default: it is none.</value>
    /// <remarks>Sent as <c>is_fallback</c>.</remarks>
    public bool? IsFallback { get; init; }

    /// <summary>Gets whether the models that the credential serves never run on OpenRouter's shared capacity at this provider.</summary>
    /// <value><see langword="null"/> by default: they may, at the full price.</value>
    /// <remarks>Sent as <c>is_required</c>.</remarks>
    public bool? IsRequired { get; init; }

    /// <summary>Gets whether no model at all runs on OpenRouter's shared capacity at this provider. Not together with <see cref="IsFallback"/>.</summary>
    /// <value><see langword="null"/> by default: they may, at the full price.</value>
    /// <remarks>Sent as <c>is_byok_only</c>.</remarks>
    public bool? IsByokOnly { get; init; }

    /// <summary>Gets what is declared about data retention under the account's contract.</summary>
    /// <value><see langword="null"/> by default: what OpenRouter says of the provider holds.</value>
    /// <remarks>Sent as <c>declared_zdr</c>.</remarks>
    public bool? DeclaresZeroDataRetention { get; init; }

    /// <summary>Gets the slugs of the only models that the credential serves, up to 100.</summary>
    /// <value><see langword="null"/> by default: every model.</value>
    /// <remarks>Sent as <c>allowed_models</c>.</remarks>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Gets the hashes of the only keys that may use the credential, 1 to 100.</summary>
    /// <value><see langword="null"/> by default: every key.</value>
    /// <remarks>Sent as <c>allowed_api_key_hashes</c>.</remarks>
    public IReadOnlyList<string>? AllowedKeyHashes { get; init; }

    /// <summary>Gets the ids of the only users who may use the credential, up to 100.</summary>
    /// <value><see langword="null"/> by default: every user.</value>
    /// <remarks>Sent as <c>allowed_user_ids</c>.</remarks>
    public IReadOnlyList<string>? AllowedUserIds { get; init; }
}
