namespace OpenRouter.Billing.Guard;

/// <summary>The guard refused a request; nothing was sent.</summary>
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

    /// <summary>Gets when the guard decided.</summary>
    public DateTimeOffset CheckedAt => Verdict.CheckedAt;

    /// <summary>Gets when the unchanged request may pass.</summary>
    /// <value>UTC; <see langword="null"/> when time alone does not open it, or when it is unknown.</value>
    public DateTimeOffset? OpensAt => Verdict.OpensAt;
}
