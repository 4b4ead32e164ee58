namespace OpenRouter.Billing;

/// <summary>Which session costs to read.</summary>
public sealed record SessionCostQuery
{
    /// <summary>Gets the slug of the app.</summary>
    /// <value><see langword="null"/> by default: every published app.</value>
    /// <remarks>Sent as <c>app_slug</c>.</remarks>
    public string? AppSlug { get; init; }

    /// <summary>Gets the permanent slug of the model.</summary>
    /// <value><see langword="null"/> by default: every model.</value>
    /// <remarks>Sent as <c>model</c>.</remarks>
    public string? Model { get; init; }

    /// <summary>Gets how many turns the sessions have.</summary>
    /// <value><see langword="null"/> by default: any number.</value>
    /// <remarks>Sent as <c>turn_range</c>.</remarks>
    public TurnRange? Turns { get; init; }
}
