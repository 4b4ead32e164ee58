namespace OpenRouter.Billing.Guard;

/// <summary>Something that OpenRouter does for a request besides running the model: a plugin or a server tool.</summary>
/// <param name="Name">The plugin's id, such as <c>web</c>, or the tool's type, such as <c>openrouter:web_search</c>.</param>
public readonly record struct RequestAddOn(string Name)
{
    /// <summary>Gets which engine does it, such as <c>exa</c> or <c>mistral-ocr</c>.</summary>
    /// <value><see langword="null"/> for the default one.</value>
    public string? Engine { get; init; }

    /// <summary>Gets how many results a search may bring.</summary>
    /// <value>Results; <see langword="null"/> for the default.</value>
    public int? MaxResults { get; init; }

    /// <summary>Gets how often the model may use a tool.</summary>
    /// <value>Uses; <see langword="null"/> when the request sets no bound.</value>
    public int? MaxUses { get; init; }

    /// <summary>Gets the model that an advisor or a subagent asks.</summary>
    /// <value>A slug; <see langword="null"/> when the request names none, and its own model chooses.</value>
    public string? Model { get; init; }

    /// <summary>Gets how long each answer of that model may be.</summary>
    /// <value>Tokens; <see langword="null"/> when the request sets no bound.</value>
    public int? MaxOutputTokens { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? string.Empty;
}
