using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Extensions.AI;

/// <summary>How a guarded chat client reads the client that it wraps. Every setting has a working default.</summary>
public sealed class BillingGuardChatOptions
{
    /// <summary>Gets or sets what completes or corrects the guard's idea of a chat.</summary>
    /// <value>
    /// <see langword="null"/> by default. Set it where the wrapped client sends more than its messages and options say, such as
    /// a key of its own, a scope, or what <c>RawRepresentationFactory</c> adds.
    /// </value>
    public Func<BillableRequest, BillableRequest>? Describe { get; set; }

    /// <summary>Gets or sets what writes a raw answer, or a raw event of a stream, as the JSON that it was read from.</summary>
    /// <value>
    /// <see langword="null"/> by default: raw answers that are JSON already (a <c>JsonElement</c>, <c>JsonDocument</c>,
    /// <c>JsonNode</c>, text or bytes) are read, and of others the cost is asked for by the answer's id, in the background. Empty
    /// bytes stand for what cannot be written.
    /// </value>
    public Func<object, ReadOnlyMemory<byte>>? WriteRaw { get; set; }

    /// <summary>Gets or sets what reads the server's answer out of an exception of the wrapped client.</summary>
    /// <value>
    /// <see langword="null"/> by default: only the status of an <see cref="HttpRequestException"/> is read. A failure that cannot
    /// be read books the full claim, because the chat may have been answered and billed.
    /// </value>
    public Func<Exception, BillingGuardChatFailure?>? ReadFailure { get; set; }

    /// <summary>Gets or sets whether a refusal by OpenRouter itself is thrown as the same exception as a refusal by the guard.</summary>
    /// <value>
    /// <see langword="true"/> by default; it needs <see cref="ReadFailure"/>. With <see langword="false"/> the wrapped client's own
    /// exception is thrown, and the guard learns from it all the same.
    /// </value>
    public bool ThrowOnServerRefusal { get; set; } = true;
}
