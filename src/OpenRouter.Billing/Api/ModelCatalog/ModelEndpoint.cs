namespace OpenRouter.Billing;

/// <summary>A provider's offer of a model: its own prices and bounds, which may differ from those that the model is listed with.</summary>
/// <remarks>An entry of <c>data.endpoints[]</c> of <c>GET /models/{author}/{slug}/endpoints</c>.</remarks>
public sealed record ModelEndpoint
{
    /// <summary>Gets who runs the model, such as <c>DeepInfra</c>.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>provider_name</c>.</remarks>
    public string? ProviderName { get; init; }

    /// <summary>Gets the name by which requests choose the endpoint, such as <c>openai/priority</c> for a dearer tier of the same provider.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>tag</c>.</remarks>
    public string? Tag { get; init; }

    /// <summary>Gets what requests to this endpoint cost; the price of a tier has its multiplier worked in.</summary>
    /// <value>No price is known when the server sent none.</value>
    /// <remarks>Read from <c>pricing</c>.</remarks>
    public ModelPrices Prices { get; init; } = new();

    /// <summary>Gets how long prompt and answer may be together.</summary>
    /// <value>Tokens; <see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>context_length</c>.</remarks>
    public long? ContextLength { get; init; }

    /// <summary>Gets the longest answer.</summary>
    /// <value>Tokens; <see langword="null"/> when only the context bounds it.</value>
    /// <remarks>Read from <c>max_completion_tokens</c>.</remarks>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Gets the longest prompt.</summary>
    /// <value>Tokens; <see langword="null"/> when only the context bounds it.</value>
    /// <remarks>Read from <c>max_prompt_tokens</c>.</remarks>
    public long? MaxPromptTokens { get; init; }

    /// <summary>Gets how the weights are stored, such as <c>fp8</c>.</summary>
    /// <value><see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>quantization</c>.</remarks>
    public string? Quantization { get; init; }

    /// <summary>Gets how the endpoint is doing: 0 when well, otherwise a negative number.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>status</c>. Documented are 0, -1, -2, -3, -5 and -10, but not their meaning, nor that any of them ends routing.</remarks>
    public int? Status { get; init; }

    /// <summary>Gets the request parameters that the endpoint honours; a cap on the answer is among them where <c>max_tokens</c> is.</summary>
    /// <value>Empty when the server did not say.</value>
    /// <remarks>Read from <c>supported_parameters</c>.</remarks>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];
}
