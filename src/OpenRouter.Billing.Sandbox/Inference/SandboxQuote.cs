namespace OpenRouter.Billing.Sandbox;

/// <summary>What the sandbox would count and charge for one request body; see <see cref="OpenRouterSandbox.Quote"/>.</summary>
/// <remarks>
/// An input token is 4 bytes of UTF-8 text, rounded up per message, and each message adds 4 tokens. Images, files and
/// tool definitions count nothing. The answer has <see cref="OpenRouterSandboxOptions.OutputTokens"/> tokens, or fewer
/// when the output cap is lower. The charge is rounded down to a whole nano-dollar (0.000000001 US dollars).
/// </remarks>
public sealed record SandboxQuote
{
    /// <summary>Gets the model that answers and is billed.</summary>
    public required SandboxModel Model { get; init; }

    /// <summary>Gets the size of the prompt.</summary>
    /// <value>Tokens.</value>
    public required int PromptTokens { get; init; }

    /// <summary>Gets the size of the answer.</summary>
    /// <value>Tokens.</value>
    public required int OutputTokens { get; init; }

    /// <summary>Gets the output cap in force: the request's own, or the most that the model can give.</summary>
    /// <value>Tokens.</value>
    public required int MaximumOutputTokens { get; init; }

    /// <summary>Gets what the web search and the request itself cost besides tokens.</summary>
    /// <value>US dollars.</value>
    public required decimal Fees { get; init; }

    /// <summary>Gets the charge for the answer.</summary>
    /// <value>US dollars.</value>
    public decimal Cost => CostOf(OutputTokens);

    /// <summary>Gets the charge if the answer used the whole output cap; the affordability check compares it, less <see cref="Fees"/>, with the balance.</summary>
    /// <value>US dollars.</value>
    public decimal MaximumCost => CostOf(MaximumOutputTokens);

    internal WebSearch? Search { get; init; }

    internal string RequestedModel { get; init; } = "";

    internal bool Stream { get; init; }

    /// <summary>The name with its variant decides about free limits: a router is free only if it says so itself.</summary>
    internal bool IsFree { get; init; }

    internal decimal PromptPrice => Model.PricesFor(PromptTokens).Prompt;

    internal decimal CompletionPrice => Model.PricesFor(PromptTokens).Completion;

    /// <summary>The generation whose answer is given once more, for nothing; null when a model answers.</summary>
    internal string? CachedFrom { get; init; }

    /// <summary>How long the text is. An answer from the cache has text, and counts no tokens.</summary>
    internal int TextTokens { get; init; }

    internal SandboxQuote FromCache(string source) => this with { PromptTokens = 0, OutputTokens = 0, Fees = 0, CachedFrom = source };

    internal decimal TokenCostOf(int outputTokens) => CachedFrom is not null ? 0 : (PromptTokens * PromptPrice) + (outputTokens * CompletionPrice);

    internal decimal CostOf(int outputTokens) => NanoDollars.ToUsd(NanoDollars.FromUsd(TokenCostOf(outputTokens) + Fees));
}
