namespace OpenRouter.Billing;

/// <summary>What to change about a key; everything that is not mentioned stays. An expiry cannot be changed.</summary>
public sealed record KeyUpdate
{
    /// <summary>Gets the new name.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the new cap in US dollars, or <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>limit</c>.</remarks>
    public Change<decimal?> Limit { get; init; }

    /// <summary>Gets how often the cap starts again, or <see langword="null"/> for never.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>limit_reset</c>.</remarks>
    public Change<ResetInterval?> Reset { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys eats the cap.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>include_byok_in_limit</c>.</remarks>
    public bool? IncludesByokInLimit { get; init; }

    /// <summary>Gets whether the key is switched off.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>disabled</c>.</remarks>
    public bool? IsDisabled { get; init; }
}
