namespace OpenRouter.Billing;

/// <summary>Which models to read.</summary>
public sealed record ModelQuery
{
    /// <summary>Gets what the models can answer with, such as <c>text</c>, <c>embeddings</c> or <c>image</c>; <c>all</c> for any.</summary>
    /// <value>Empty by default: models that answer with text.</value>
    /// <remarks>Sent as <c>output_modalities</c>.</remarks>
    public IReadOnlyList<string> OutputModalities { get; init; } = [];
}
