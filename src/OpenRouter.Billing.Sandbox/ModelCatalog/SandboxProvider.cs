namespace OpenRouter.Billing.Sandbox;

/// <summary>A further provider of a <see cref="SandboxModel"/>, at its own prices; they are the same for prompts of every size.</summary>
public sealed record SandboxProvider
{
    /// <summary>Gets who it is, for example <c>Azure</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the name by which requests choose the endpoint.</summary>
    /// <value><see langword="null"/> (the default) for <see cref="Name"/>.</value>
    public string? Tag { get; init; }

    /// <summary>Gets the price of an input token.</summary>
    /// <value>US dollars per token.</value>
    public required decimal PromptPrice { get; init; }

    /// <summary>Gets the price of an output token.</summary>
    /// <value>US dollars per token.</value>
    public required decimal CompletionPrice { get; init; }

    /// <summary>Gets what every request costs besides its tokens.</summary>
    /// <value>US dollars per request; 0 by default.</value>
    public decimal RequestPrice { get; init; }

    /// <summary>Gets how many tokens prompt and answer may have together.</summary>
    /// <value>Tokens; <see langword="null"/> (the default) for as many as at the model's own provider.</value>
    public int? ContextLength { get; init; }

    /// <summary>Gets the longest answer.</summary>
    /// <value>Tokens; <see langword="null"/> (the default) for as long as at the model's own provider.</value>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>Gets the listed status; every endpoint serves all the same.</summary>
    /// <value>0 by default; otherwise negative.</value>
    public int Status { get; init; }
}
