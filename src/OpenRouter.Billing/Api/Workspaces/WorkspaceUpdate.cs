namespace OpenRouter.Billing;

/// <summary>What to change about a workspace; everything that is not mentioned stays.</summary>
public sealed record WorkspaceUpdate
{
    /// <summary>Gets the new name, of 1 to 100 characters.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the new short name in addresses: lower-case letters, digits and single hyphens between them, 50 characters at most.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>slug</c>.</remarks>
    public string? Slug { get; init; }

    /// <summary>Gets what the workspace is for, up to 500 characters; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>description</c>.</remarks>
    public Change<string?> Description { get; init; }

    /// <summary>Gets the model of text requests that name none; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>default_text_model</c>.</remarks>
    public Change<string?> DefaultTextModel { get; init; }

    /// <summary>Gets the model of image requests that name none; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>default_image_model</c>.</remarks>
    public Change<string?> DefaultImageModel { get; init; }

    /// <summary>Gets by what providers are sorted, such as <c>price</c>; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>default_provider_sort</c>.</remarks>
    public Change<string?> DefaultProviderSort { get; init; }

    /// <summary>Gets the numeric ids of the keys whose requests are logged; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>io_logging_api_key_ids</c>.</remarks>
    public Change<IReadOnlyList<long>?> IOLoggingKeyIds { get; init; }

    /// <summary>Gets the server tools that requests may not use, such as <c>openrouter:web_search</c>; <see langword="null"/> to remove it.</summary>
    /// <value>It stays by default.</value>
    /// <remarks>Sent as <c>disabled_server_tools</c>.</remarks>
    public Change<IReadOnlyList<string>?> DisabledServerTools { get; init; }

    /// <summary>Gets whether prompts may be used for a discount of 1 %.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_data_discount_logging_enabled</c>.</remarks>
    public bool? IsDataDiscountLoggingEnabled { get; init; }

    /// <summary>Gets whether traces are sent to the observability destinations.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_observability_broadcast_enabled</c>.</remarks>
    public bool? IsObservabilityBroadcastEnabled { get; init; }

    /// <summary>Gets whether prompts and answers are logged.</summary>
    /// <value><see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>is_observability_io_logging_enabled</c>.</remarks>
    public bool? IsIOLoggingEnabled { get; init; }

    /// <summary>Gets which part of the requests is logged.</summary>
    /// <value>A fraction from 0 to 1, without unit; <see langword="null"/> by default: it stays.</value>
    /// <remarks>Sent as <c>io_logging_sampling_rate</c>.</remarks>
    public decimal? IOLoggingSamplingRate { get; init; }
}
