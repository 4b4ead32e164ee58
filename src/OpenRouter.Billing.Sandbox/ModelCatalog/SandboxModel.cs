namespace OpenRouter.Billing.Sandbox;

/// <summary>A model that the sandbox lists, answers for and bills.</summary>
public sealed record SandboxModel
{
    /// <summary>Gets the id that a request names, for example <c>openai/gpt-4o-mini</c>.</summary>
    /// <value>A <c>:free</c> suffix puts the model under the free request limits.</value>
    public required string Id { get; init; }

    /// <summary>Gets the immutable name, which answers carry as <c>model</c>.</summary>
    /// <value><see langword="null"/> (the default) when it is the same as <see cref="Id"/>.</value>
    public string? CanonicalSlug { get; init; }

    /// <summary>Gets the price of an input token.</summary>
    /// <value>US dollars per token; -1 for a router, whose price is that of <see cref="RoutesTo"/>.</value>
    public required decimal PromptPrice { get; init; }

    /// <summary>Gets the price of an output token.</summary>
    /// <value>US dollars per token; -1 for a router.</value>
    public required decimal CompletionPrice { get; init; }

    /// <summary>Gets what every request costs besides its tokens.</summary>
    /// <value>US dollars per request; 0 by default.</value>
    public decimal RequestPrice { get; init; }

    /// <summary>Gets the price of the provider's own web search.</summary>
    /// <value>US dollars per search; <see langword="null"/> (the default) when the provider has none and Exa searches for 0.007 US dollars.</value>
    public decimal? WebSearchPrice { get; init; }

    /// <summary>Gets the listed price of a token read from the provider's cache; the sandbox itself never caches.</summary>
    /// <value>US dollars per token; <see langword="null"/> (the default) when none is listed.</value>
    public decimal? CacheReadPrice { get; init; }

    /// <summary>Gets the listed price of a token written to the provider's cache; the sandbox itself never caches.</summary>
    /// <value>US dollars per token; <see langword="null"/> (the default) when none is listed.</value>
    public decimal? CacheWritePrice { get; init; }

    /// <summary>Gets the prompt size above which the long-prompt prices apply to the whole request.</summary>
    /// <value>Tokens, exclusive; <see langword="null"/> (the default) for one price at every size.</value>
    public int? LongPromptTokens { get; init; }

    /// <summary>Gets the price of an input token of a long prompt.</summary>
    /// <value>US dollars per token; <see langword="null"/> (the default) for <see cref="PromptPrice"/>.</value>
    public decimal? LongPromptPrice { get; init; }

    /// <summary>Gets the price of an output token after a long prompt.</summary>
    /// <value>US dollars per token; <see langword="null"/> (the default) for <see cref="CompletionPrice"/>.</value>
    public decimal? LongCompletionPrice { get; init; }

    /// <summary>Gets how many tokens prompt and answer may have together.</summary>
    /// <value>Tokens; 128,000 by default.</value>
    public int ContextLength { get; init; } = 128_000;

    /// <summary>Gets the longest answer, which a request without an output cap is assumed to want.</summary>
    /// <value>Tokens; <see langword="null"/> (the default) when only the context limits it.</value>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Gets the provider named in answers.</summary>
    /// <value><c>Sandbox</c> by default.</value>
    public string Provider { get; init; } = "Sandbox";

    /// <summary>Gets who else offers the model; <c>GET /models/{author}/{slug}/endpoints</c> lists them after <see cref="Provider"/>.</summary>
    /// <value>Empty by default. They serve with <see cref="OpenRouterSandboxOptions.ServeByDearestProvider"/> only.</value>
    public IReadOnlyList<SandboxProvider> OtherProviders { get; init; } = [];

    /// <summary>Gets the id of the model that a router answers with.</summary>
    /// <value><see langword="null"/> (the default) for a model that answers itself.</value>
    public string? RoutesTo { get; init; }

    internal string Slug => CanonicalSlug ?? Id;

    /// <summary>Answers of free models keep the suffix, those of others carry the canonical slug.</summary>
    internal string AnswerName => IsFree ? Id : Slug;

    internal bool IsFree => Id.Split(':').Skip(1).Contains("free");

    /// <summary>The same model as another provider offers it.</summary>
    internal SandboxModel At(SandboxProvider provider) => this with
    {
        Provider = provider.Name,
        PromptPrice = provider.PromptPrice,
        CompletionPrice = provider.CompletionPrice,
        RequestPrice = provider.RequestPrice,
        WebSearchPrice = null,
        CacheReadPrice = null,
        CacheWritePrice = null,
        LongPromptTokens = null,
        ContextLength = provider.ContextLength ?? ContextLength,
        MaxCompletionTokens = provider.MaxCompletionTokens ?? MaxCompletionTokens,
        OtherProviders = [],
    };

    internal (decimal Prompt, decimal Completion) PricesFor(int promptTokens) =>
        promptTokens > LongPromptTokens
            ? (LongPromptPrice ?? PromptPrice, LongCompletionPrice ?? CompletionPrice)
            : (PromptPrice, CompletionPrice);
}
