namespace OpenRouter.Billing;

/// <summary>A model as OpenRouter lists it: its names, its prices and how much it takes and gives.</summary>
/// <remarks>
/// An entry of <c>data[]</c> of <c>GET /models</c>. Prices and bounds are those of the top provider; another provider may
/// serve a request at its own.
/// </remarks>
public sealed record ModelListing
{
    /// <summary>Gets the slug that a request names.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the permanent slug, which answers mostly carry.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>canonical_slug</c>.</remarks>
    public string? CanonicalSlug { get; init; }

    /// <summary>Gets the name for people.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>name</c>.</remarks>
    public string? Name { get; init; }

    /// <summary>Gets the slug of the model that answers for this one, which is an alias such as <c>~author/family-latest</c>.</summary>
    /// <value><see langword="null"/> when this is no alias, or when the server did not say.</value>
    /// <remarks>Read from <c>alias_target.slug</c>. It may point elsewhere tomorrow, at another price.</remarks>
    public string? AliasTarget { get; init; }

    /// <summary>Gets what the model costs.</summary>
    /// <value>No price is known when the server sent none.</value>
    /// <remarks>Read from <c>pricing</c>.</remarks>
    public ModelPrices Prices { get; init; } = new();

    /// <summary>Gets whether a request to the model costs nothing by itself: it is a variant <c>:free</c>, or the router over free models, and no price is above zero.</summary>
    /// <value>
    /// <see langword="false"/> for a model whose prices are all zero but whose name does not say so: many such are billed by other
    /// units. What a request adds, such as a web search, costs on free models too, and so does a variant <c>:online</c>.
    /// </value>
    public bool IsFree => ModelSlug.IsFree(Id) && !ModelSlug.HasPaidVariant(Id) && !Prices.AreAnyAboveZero;

    /// <summary>Gets how long prompt and answer may be together.</summary>
    /// <value>Tokens; <see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>context_length</c>.</remarks>
    public long? ContextLength { get; init; }

    /// <summary>Gets the same at the top provider, which may take less than the model could.</summary>
    /// <value>Tokens; <see langword="null"/> when unknown.</value>
    /// <remarks>Read from <c>top_provider.context_length</c>.</remarks>
    public long? TopProviderContextLength { get; init; }

    /// <summary>Gets the longest answer of the top provider, which is what a request without an output cap is taken to ask for.</summary>
    /// <value>Tokens; <see langword="null"/> when only the context bounds it.</value>
    /// <remarks>Read from <c>top_provider.max_completion_tokens</c>.</remarks>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Gets the longest prompt that one request may have.</summary>
    /// <value>Tokens; <see langword="null"/> when nothing but the context bounds it.</value>
    /// <remarks>Read from <c>per_request_limits.prompt_tokens</c>.</remarks>
    public long? PromptTokensPerRequest { get; init; }

    /// <summary>Gets the longest answer that one request may ask for.</summary>
    /// <value>Tokens; <see langword="null"/> when nothing else bounds it.</value>
    /// <remarks>Read from <c>per_request_limits.completion_tokens</c>.</remarks>
    public long? OutputTokensPerRequest { get; init; }

    /// <summary>Gets what requests to the model may contain, such as <c>text</c>, <c>image</c> or <c>file</c>.</summary>
    /// <value>Empty when the server did not say.</value>
    /// <remarks>Read from <c>architecture.input_modalities</c>.</remarks>
    public IReadOnlyList<string> InputModalities { get; init; } = [];

    /// <summary>Gets what the model answers with, such as <c>text</c>. For others than text and embeddings, prices are not per token.</summary>
    /// <value>Empty when the server did not say.</value>
    /// <remarks>Read from <c>architecture.output_modalities</c>.</remarks>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];

    /// <summary>Gets the request parameters that the model honours; a cap on the answer is among them where <c>max_tokens</c> is.</summary>
    /// <value>Empty when the server did not say.</value>
    /// <remarks>Read from <c>supported_parameters</c>.</remarks>
    public IReadOnlyList<string> SupportedParameters { get; init; } = [];

    /// <summary>Gets whether the model always thinks before it answers, which costs output tokens that nobody sees.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>reasoning.mandatory</c>.</remarks>
    public bool? AlwaysReasons { get; init; }

    /// <summary>Gets whether requests to the model are moderated.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>top_provider.is_moderated</c>.</remarks>
    public bool? IsModerated { get; init; }

    /// <summary>Gets the day after which the model may be gone.</summary>
    /// <value>UTC; <see langword="null"/> when none is announced.</value>
    /// <remarks>Read from <c>expiration_date</c>.</remarks>
    public DateOnly? ExpiresOn { get; init; }

    /// <summary>Gets when the model was first listed.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created</c>, seconds since 1970.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }
}
