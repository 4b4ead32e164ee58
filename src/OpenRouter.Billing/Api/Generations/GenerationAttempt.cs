namespace OpenRouter.Billing;

/// <summary>One provider that was asked for an answer.</summary>
/// <remarks>A row of <c>data.provider_responses[]</c> of <c>GET /generation</c>.</remarks>
public sealed record GenerationAttempt
{
    /// <summary>Gets the provider.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider_name</c>.</remarks>
    public string? ProviderName { get; init; }

    /// <summary>Gets the HTTP status that the provider answered with.</summary>
    /// <value><see langword="null"/> when it gave no answer, or the server did not say.</value>
    /// <remarks>Read from <c>status</c>.</remarks>
    public long? Status { get; init; }

    /// <summary>Gets the endpoint that was asked.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>endpoint_id</c>.</remarks>
    public string? EndpointId { get; init; }

    /// <summary>Gets the provider's own id of the answer.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>id</c>.</remarks>
    public string? Id { get; init; }

    /// <summary>Gets the permanent, dated slug of the model that was asked.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>model_permaslug</c>.</remarks>
    public string? ModelPermaslug { get; init; }

    /// <summary>Gets whether the account's own key for the provider was used.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_byok</c>.</remarks>
    public bool? IsByok { get; init; }

    /// <summary>Gets the service tier that was asked for there, such as <c>flex</c>.</summary>
    /// <value><see langword="null"/> for the default, or when the server did not say.</value>
    /// <remarks>Read from <c>routed_service_tier</c>.</remarks>
    public string? RoutedServiceTier { get; init; }

    /// <summary>Gets how long the provider took.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>latency</c>, milliseconds.</remarks>
    public TimeSpan? Latency { get; init; }
}
