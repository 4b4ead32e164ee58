namespace OpenRouter.Billing;

/// <summary>A figure that a query may ask for, and the names of well-known ones.</summary>
/// <remarks>An entry of <c>metrics</c> of <c>GET /analytics/meta</c>. The names that are constants here may change; those of <see cref="AnalyticsMeta"/> are the present ones.</remarks>
public sealed record AnalyticsMetric
{
    /// <summary>The credits spent, in US dollars.</summary>
    public const string TotalUsage = "total_usage";

    /// <summary>The number of requests.</summary>
    public const string RequestCount = "request_count";

    /// <summary>The tokens of prompts and answers.</summary>
    public const string TotalTokens = "tokens_total";

    /// <summary>The tokens of prompts.</summary>
    public const string PromptTokens = "tokens_prompt";

    /// <summary>The tokens of answers.</summary>
    public const string CompletionTokens = "tokens_completion";

    /// <summary>The tokens spent on reasoning.</summary>
    public const string ReasoningTokens = "reasoning_tokens";

    /// <summary>Gets the name that queries use.</summary>
    /// <remarks>Read from <c>name</c>.</remarks>
    public required string Name { get; init; }

    /// <summary>Gets the name for people.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>display_label</c>.</remarks>
    public string? Label { get; init; }

    /// <summary>Gets how values are shown: <c>number</c>, <c>currency</c>, <c>percent</c> (of 0 to 1), <c>latency</c>, <c>throughput</c>, or a word that is newer.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>display_format</c>.</remarks>
    public string? Format { get; init; }

    /// <summary>Gets whether values are averages or ratios, which cannot be added up.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>is_rate</c>.</remarks>
    public bool? IsRate { get; init; }

    /// <summary>Whether it is kept only for a month.</summary>
    internal bool IsTiming => Format is "latency" or "throughput";
}
