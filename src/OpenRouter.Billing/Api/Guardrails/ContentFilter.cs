namespace OpenRouter.Billing;

/// <summary>A pattern that a guardrail looks for in requests.</summary>
/// <param name="Pattern">The regular expression; sent and read as <c>pattern</c>.</param>
/// <param name="Action">What becomes of a request that has it; sent and read as <c>action</c>.</param>
public sealed record ContentFilter(string Pattern, ContentFilterAction Action)
{
    /// <summary>Gets what the filter is called.</summary>
    /// <value><see langword="null"/> by default.</value>
    /// <remarks>Sent and read as <c>label</c>.</remarks>
    public string? Label { get; init; }
}
