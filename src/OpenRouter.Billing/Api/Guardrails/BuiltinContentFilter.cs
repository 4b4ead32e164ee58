namespace OpenRouter.Billing;

/// <summary>One of OpenRouter's own filters.</summary>
/// <param name="Slug">Which one, such as <c>credit-card</c> or <c>secrets</c>; new ones appear unannounced. Sent and read as <c>slug</c>.</param>
/// <param name="Action">What becomes of a request in which it finds something; sent and read as <c>action</c>.</param>
public sealed record BuiltinContentFilter(string Slug, ContentFilterAction Action)
{
    /// <summary>Gets whose messages are looked at, such as <c>user_only</c>; for <c>regex-prompt-injection</c> alone.</summary>
    /// <value><see langword="null"/> by default: those of everybody.</value>
    /// <remarks>Sent and read as <c>scan_scope</c>.</remarks>
    public string? ScanScope { get; init; }

    /// <summary>Gets what the filter is called.</summary>
    /// <value><see langword="null"/> when the server did not say. It is not sent any more.</value>
    /// <remarks>Read from <c>label</c>.</remarks>
    public string? Label { get; init; }
}
