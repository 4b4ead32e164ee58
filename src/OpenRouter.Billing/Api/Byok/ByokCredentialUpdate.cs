namespace OpenRouter.Billing;

/// <summary>What to change about a stored provider key; everything that is not mentioned stays. Lists are replaced whole.</summary>
public sealed record ByokCredentialUpdate
{
    /// <summary>Gets the provider's new key, which takes the place of the old one at once.</summary>
    /// <value><see langword="null"/> by default: the old one stays.</value>
    /// <remarks>Sent as <c>key</c>.</remarks>
    public ProviderKey? Key { get; init; }

    /// <summary>Gets the new name, up to 255 characters, or <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public Change<string?> Name { get; init; }

    /// <summary>Gets whether the credential is switched off.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>disabled</c>.</remarks>
    public bool? IsDisabled { get; init; }

    /// <summary>Gets whether the credential is tried only after those that are no fallback. Not together with <see cref="IsByokOnly"/>.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_fallback</c>.</remarks>
    public bool? IsFallback { get; init; }

    /// <summary>Gets whether the models that the credential serves never run on OpenRouter's shared capacity at this provider.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_required</c>.</remarks>
    public bool? IsRequired { get; init; }

    /// <summary>Gets whether no model at all runs on OpenRouter's shared capacity at this provider. Not together with <see cref="IsFallback"/>.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_byok_only</c>.</remarks>
    public bool? IsByokOnly { get; init; }

    /// <summary>Gets what is declared about data retention, or <see langword="null"/> to go by what OpenRouter says of the provider.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>declared_zdr</c>.</remarks>
    public Change<bool?> DeclaresZeroDataRetention { get; init; }

    /// <summary>Gets the slugs of the only models that the credential serves, up to 100, or <see langword="null"/> for every model.</summary>
    /// <value>They stay by default.</value>
    /// <remarks>Sent as <c>allowed_models</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedModels { get; init; }

    /// <summary>Gets the hashes of the only keys that may use the credential, 1 to 100, or <see langword="null"/> for every key.</summary>
    /// <value>They stay by default.</value>
    /// <remarks>Sent as <c>allowed_api_key_hashes</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedKeyHashes { get; init; }

    /// <summary>Gets the ids of the only users who may use the credential, up to 100, or <see langword="null"/> for every user.</summary>
    /// <value>They stay by default.</value>
    /// <remarks>Sent as <c>allowed_user_ids</c>.</remarks>
    public Change<IReadOnlyList<string>?> AllowedUserIds { get; init; }
}
