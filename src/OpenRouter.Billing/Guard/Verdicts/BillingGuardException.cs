namespace OpenRouter.Billing.Guard;

/// <summary>A request was refused: by the guard before anything was sent, or by OpenRouter, as <see cref="BillingVerdict.Origin"/> says.</summary>
public abstract class BillingGuardException : OpenRouterBillingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why, by how much and until when.</param>
    /// <param name="verdict">The same as data.</param>
    protected BillingGuardException(string message, BillingVerdict verdict)
        : base(message, verdict?.Fault)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        Verdict = verdict;
    }

    /// <summary>Gets why the request was refused, with every limit that was looked at.</summary>
    public BillingVerdict Verdict { get; }

    /// <summary>Gets the model that was asked for.</summary>
    /// <value><see langword="null"/> when the request names none or could not be read.</value>
    public string? Model => Verdict.Model;

    /// <summary>Gets when the guard decided, or took in OpenRouter's answer.</summary>
    /// <value>UTC.</value>
    public DateTimeOffset CheckedAt => Verdict.CheckedAt;

    /// <summary>Gets when the unchanged request may pass.</summary>
    /// <value>UTC; <see langword="null"/> when time alone does not open it, or when it is unknown.</value>
    public DateTimeOffset? OpensAt => Verdict.OpensAt;

    /// <summary>Gets the answer by which OpenRouter refused the request.</summary>
    /// <value><see langword="null"/> when nothing was sent.</value>
    /// <remarks>
    /// It belongs to whoever catches the exception. A body of up to 64 KiB was read into memory and can still be read, byte for
    /// byte, and its connection is free; a longer one holds its connection until it is disposed. <c>RequestMessage</c> is taken
    /// off, because it carries the key.
    /// </remarks>
    public HttpResponseMessage? Response { get; init; }
}
