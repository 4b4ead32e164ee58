namespace OpenRouter.Billing.Guard;

/// <summary>The dearest endpoint that a request lets OpenRouter choose.</summary>
/// <remarks>Read from <c>provider.max_price</c>, where token prices are per million.</remarks>
public sealed record RequestPriceCap
{
    /// <summary>Gets the highest price of an input token.</summary>
    /// <value>US dollars per token; <see langword="null"/> for any.</value>
    public decimal? Prompt { get; init; }

    /// <summary>Gets the highest price of an output token.</summary>
    /// <value>US dollars per token; <see langword="null"/> for any.</value>
    public decimal? Completion { get; init; }

    /// <summary>Gets the highest price of a request.</summary>
    /// <value>US dollars per request; <see langword="null"/> for any.</value>
    public decimal? Request { get; init; }
}
