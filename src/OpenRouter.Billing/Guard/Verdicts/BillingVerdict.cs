namespace OpenRouter.Billing.Guard;

/// <summary>Why a request may not go out, by how much, and until when.</summary>
public sealed record BillingVerdict
{
    /// <summary>Gets why.</summary>
    public required BillingCause Cause { get; init; }

    /// <summary>Gets when the guard decided.</summary>
    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>Gets what would let the request pass, in a sentence.</summary>
    public required string Remedy { get; init; }

    /// <summary>Gets the model that was asked for.</summary>
    /// <value><see langword="null"/> when the request names none or could not be read.</value>
    public string? Model { get; init; }

    /// <summary>Gets the limit that had no room.</summary>
    /// <value><see langword="null"/> when the cause is not a limit.</value>
    public LimitReading? Limit { get; init; }

    /// <summary>Gets every limit that was looked at, the refusing one included, in the order of looking.</summary>
    /// <value>Empty when the request was refused before any limit was looked at.</value>
    public IReadOnlyList<LimitReading> Limits { get; init; } = [];

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown, or when money is not the cause.</value>
    /// <remarks>It is what one request could afford when the guard decided, not what several can afford together.</remarks>
    public long? AffordableOutputTokens { get; init; }

    /// <summary>Gets when the unchanged request may pass.</summary>
    /// <value>UTC; <see langword="null"/> when time alone does not open it, or when it is unknown.</value>
    public DateTimeOffset? OpensAt { get; init; }

    /// <summary>Gets whether a program may repeat the unchanged request by itself, at <see cref="OpensAt"/>.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>Gets what went wrong while finding out.</summary>
    /// <value><see langword="null"/> unless <see cref="Cause"/> is <see cref="BillingCause.Unavailable"/> or the key was refused.</value>
    public Exception? Fault { get; init; }
}
