namespace OpenRouter.Billing;

/// <summary>What a session of one app with one model costs, by how long it is: the median over all of OpenRouter, not of this account.</summary>
/// <remarks>A row of <c>data</c> of <c>GET /datasets/session-cost</c>.</remarks>
public sealed record SessionCost
{
    /// <summary>Gets the slug of the app.</summary>
    /// <remarks>Read from <c>app_slug</c>.</remarks>
    public required string AppSlug { get; init; }

    /// <summary>Gets the name of the app for people.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>app_name</c>.</remarks>
    public string? AppName { get; init; }

    /// <summary>Gets the permanent slug of the model.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>model_permaslug</c>.</remarks>
    public string? Model { get; init; }

    /// <summary>Gets how many turns the sessions have.</summary>
    /// <value>An empty word when the server did not say.</value>
    /// <remarks>Read from <c>turn_range</c>.</remarks>
    public required TurnRange Turns { get; init; }

    /// <summary>Gets what the median session costs.</summary>
    /// <value>US dollars per session; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>median_session_cost_usd</c>.</remarks>
    public decimal? Median { get; init; }
}
