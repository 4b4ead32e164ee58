namespace OpenRouter.Billing.Wire;

/// <summary>One call: where, with which key, what it sends, and how large its answer may be.</summary>
/// <param name="Path">Path and query below the base address, without a leading slash.</param>
/// <param name="Name">Method and path as messages show them, without query values.</param>
/// <param name="Key">The bearer key; kept out of <see cref="ToString"/>.</param>
internal sealed record BillingCall(string Path, string Name, string Key)
{
    private const int OneMegabyte = 1024 * 1024;

    /// <summary>Gets how many bytes a successful answer may have.</summary>
    public int MaxAnswerBytes { get; init; } = OneMegabyte;

    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>Gets the JSON to send; empty for a call without a body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets what the body holds that no message may show, whatever the server makes of it.</summary>
    public string? Secret { get; init; }

    /// <summary>Gets when the call may be sent again.</summary>
    public Repetition Repetition { get; init; }

    public override string ToString() => Name;
}
