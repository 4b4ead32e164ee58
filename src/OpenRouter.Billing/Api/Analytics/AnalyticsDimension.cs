namespace OpenRouter.Billing;

/// <summary>What figures can be grouped and filtered by, and the names of well-known dimensions.</summary>
/// <remarks>
/// An entry of <c>dimensions</c> of <c>GET /analytics/meta</c>. Rows show labels for keys, apps and workspaces, while filters take
/// identifiers: the hash of a key, the number of an app, the UUID of a workspace, the permanent slug of a model.
/// </remarks>
public sealed record AnalyticsDimension
{
    /// <summary>The model, by its permanent slug.</summary>
    public const string Model = "model";

    /// <summary>The key; filters take its hash.</summary>
    public const string ApiKey = "api_key_id";

    /// <summary>The app; filters take its number.</summary>
    public const string App = "app";

    /// <summary>The member, which gives two columns: <c>user</c> and <c>user_email</c>.</summary>
    public const string User = "user";

    /// <summary>The workspace; filters take its UUID.</summary>
    public const string Workspace = "workspace";

    /// <summary>The provider that served the request.</summary>
    public const string Provider = "provider";

    /// <summary>The single answer; only for ranges of up to 31 days.</summary>
    public const string GenerationId = "generation_id";

    /// <summary>Gets the name that queries use.</summary>
    /// <remarks>Read from <c>name</c>.</remarks>
    public required string Name { get; init; }

    /// <summary>Gets the name for people.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>display_label</c>.</remarks>
    public string? Label { get; init; }
}
