namespace OpenRouter.Billing;

/// <summary>One day of one model on one endpoint: how often it was called and what it cost.</summary>
/// <remarks>A row of <c>data[]</c> of <c>GET /activity</c>.</remarks>
public sealed record ActivityEntry
{
    /// <summary>Gets the completed UTC day.</summary>
    /// <remarks>Read from <c>date</c>.</remarks>
    public required DateOnly Date { get; init; }

    /// <summary>Gets the model's slug.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>model</c>.</remarks>
    public string? Model { get; init; }

    /// <summary>Gets the model's permanent, dated slug.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>model_permaslug</c>.</remarks>
    public string? ModelPermaslug { get; init; }

    /// <summary>Gets the endpoint that served the requests.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>endpoint_id</c>.</remarks>
    public string? EndpointId { get; init; }

    /// <summary>Gets the provider behind the endpoint.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider_name</c>.</remarks>
    public string? ProviderName { get; init; }

    /// <summary>Gets the workspace that the row belongs to.</summary>
    /// <value><see langword="null"/> unless the query grouped by workspace.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the credits spent.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>usage</c>.</remarks>
    public decimal? Cost { get; init; }

    /// <summary>Gets what was spent through the account's own provider keys.</summary>
    /// <value>US dollars, not part of <see cref="Cost"/>; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>byok_usage_inference</c>.</remarks>
    public decimal? ByokCost { get; init; }

    /// <summary>Gets the number of requests.</summary>
    /// <value>Requests; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>requests</c>.</remarks>
    public long? Requests { get; init; }

    /// <summary>Gets the tokens of all prompts.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>prompt_tokens</c>.</remarks>
    public long? PromptTokens { get; init; }

    /// <summary>Gets the tokens of all answers, reasoning included.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>completion_tokens</c>.</remarks>
    public long? CompletionTokens { get; init; }

    /// <summary>Gets the tokens spent on reasoning, part of <see cref="CompletionTokens"/>.</summary>
    /// <value>Tokens; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>reasoning_tokens</c>.</remarks>
    public long? ReasoningTokens { get; init; }
}
