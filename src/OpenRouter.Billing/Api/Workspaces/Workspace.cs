namespace OpenRouter.Billing;

/// <summary>A workspace of the account.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /workspaces</c> and <c>GET /workspaces/{id}</c>.</remarks>
public sealed record Workspace
{
    /// <summary>Gets the workspace's id, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the workspace's name.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the short name in addresses, which every call takes in place of the id.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>slug</c>.</remarks>
    public string? Slug { get; init; }

    /// <summary>Gets what the workspace is for.</summary>
    /// <value><see langword="null"/> when nobody wrote it down.</value>
    /// <remarks>Read from <c>description</c>.</remarks>
    public string? Description { get; init; }

    /// <summary>Gets the guardrail that binds everybody in the workspace, once it is configured.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>default_guardrail_id</c>.</remarks>
    public string? DefaultGuardrailId { get; init; }

    /// <summary>Gets the model of text requests that name none.</summary>
    /// <value><see langword="null"/> for the account's.</value>
    /// <remarks>Read from <c>default_text_model</c>.</remarks>
    public string? DefaultTextModel { get; init; }

    /// <summary>Gets the model of image requests that name none.</summary>
    /// <value><see langword="null"/> for the account's.</value>
    /// <remarks>Read from <c>default_image_model</c>.</remarks>
    public string? DefaultImageModel { get; init; }

    /// <summary>Gets by what providers are sorted, such as <c>price</c>.</summary>
    /// <value><see langword="null"/> for the account's rule.</value>
    /// <remarks>Read from <c>default_provider_sort</c>.</remarks>
    public string? DefaultProviderSort { get; init; }

    /// <summary>Gets whether prompts may be used for a discount of 1 %.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_data_discount_logging_enabled</c>.</remarks>
    public bool? IsDataDiscountLoggingEnabled { get; init; }

    /// <summary>Gets whether traces are sent to the observability destinations.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_observability_broadcast_enabled</c>.</remarks>
    public bool? IsObservabilityBroadcastEnabled { get; init; }

    /// <summary>Gets whether prompts and answers are logged.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_observability_io_logging_enabled</c>.</remarks>
    public bool? IsIOLoggingEnabled { get; init; }

    /// <summary>Gets which part of the requests is logged.</summary>
    /// <value>A fraction from 0 to 1, without unit; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>io_logging_sampling_rate</c>.</remarks>
    public decimal? IOLoggingSamplingRate { get; init; }

    /// <summary>Gets the numeric ids of the keys whose requests are logged.</summary>
    /// <value><see langword="null"/> for all keys.</value>
    /// <remarks>Read from <c>io_logging_api_key_ids</c>.</remarks>
    public IReadOnlyList<long>? IOLoggingKeyIds { get; init; }

    /// <summary>Gets the server tools that requests may not use, such as <c>openrouter:web_search</c>.</summary>
    /// <value><see langword="null"/> when none is disabled, or when the server did not say.</value>
    /// <remarks>Read from <c>disabled_server_tools</c>.</remarks>
    public IReadOnlyList<string>? DisabledServerTools { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts in the workspace's budgets.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok_in_budgets</c>.</remarks>
    public bool? IncludesByokInBudgets { get; init; }

    /// <summary>Gets the member who made the workspace.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>created_by</c>.</remarks>
    public string? CreatedBy { get; init; }

    /// <summary>Gets when the workspace was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets when the workspace was last changed.</summary>
    /// <value>UTC; <see langword="null"/> when never.</value>
    /// <remarks>Read from <c>updated_at</c>.</remarks>
    public DateTimeOffset? UpdatedAt { get; init; }
}
