namespace OpenRouter.Billing;

/// <summary>What becomes of a request in which a filter finds something; unknown words from the server are kept as they are.</summary>
/// <param name="Value">The server's word, such as <c>block</c>.</param>
public readonly record struct ContentFilterAction(string Value)
{
    /// <summary>Gets the action that blacks out what was found.</summary>
    public static ContentFilterAction Redact { get; } = new("redact");

    /// <summary>Gets the action that refuses the request with 403.</summary>
    public static ContentFilterAction Block { get; } = new("block");

    /// <summary>Gets the action that lets the request pass and notes it.</summary>
    public static ContentFilterAction Flag { get; } = new("flag");

    /// <inheritdoc/>
    public override string ToString() => Value ?? string.Empty;
}
