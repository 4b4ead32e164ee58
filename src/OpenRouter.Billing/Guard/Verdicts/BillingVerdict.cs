namespace OpenRouter.Billing.Guard;

/// <summary>Why a request may not go out or was refused, by how much, and until when.</summary>
public sealed record BillingVerdict
{
    /// <summary>Gets why.</summary>
    public required BillingCause Cause { get; init; }

    /// <summary>Gets who said so.</summary>
    /// <value><see cref="BillingVerdictOrigin.Predicted"/> by default.</value>
    public BillingVerdictOrigin Origin { get; init; }

    /// <summary>Gets when the guard decided, or took in OpenRouter's answer.</summary>
    /// <value>UTC.</value>
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
    /// <value>
    /// Empty when the request was refused before any limit was looked at. By an answer of OpenRouter's it is the one limit that
    /// the answer tells the numbers of, or none.
    /// </value>
    public IReadOnlyList<LimitReading> Limits { get; init; } = [];

    /// <summary>Gets the name that OpenRouter gives the limit, such as <c>openrouter_key_limit</c>.</summary>
    /// <value><see langword="null"/> when OpenRouter did not say. New values appear unannounced.</value>
    /// <remarks>Read from <c>error.metadata.limit_source</c>.</remarks>
    public string? LimitSource { get; init; }

    /// <summary>Gets how many tokens the request asked for, as OpenRouter counts them.</summary>
    /// <value>Output tokens, or prompt tokens when <see cref="IsPromptTooDear"/>; <see langword="null"/> when OpenRouter did not say.</value>
    public long? RequestedTokens { get; init; }

    /// <summary>Gets how many of these tokens the limit affords, at the time of the answer and for all callers together.</summary>
    /// <value>Output tokens, or prompt tokens when <see cref="IsPromptTooDear"/>; <see langword="null"/> when OpenRouter did not say; 0 or more.</value>
    public long? AffordableTokens { get; init; }

    /// <summary>Gets whether the prompt alone is too dear, so that a lower output cap does not help.</summary>
    public bool IsPromptTooDear { get; init; }

    /// <summary>Gets how long OpenRouter asks to wait, from <see cref="CheckedAt"/> on.</summary>
    /// <value><see langword="null"/> when it did not say; never negative.</value>
    /// <remarks>Read from <c>Retry-After</c>, <c>error.metadata.headers</c> or <c>error.metadata.retry_after_seconds</c>.</remarks>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown, or when money is not the cause.</value>
    /// <remarks>It is what one request could afford when the guard decided, not what several can afford together.</remarks>
    public long? AffordableOutputTokens { get; init; }

    /// <summary>Gets when the unchanged request may pass.</summary>
    /// <value>UTC; <see langword="null"/> when time alone does not open it, or when it is unknown.</value>
    public DateTimeOffset? OpensAt { get; init; }

    /// <summary>Gets whether a program may repeat the unchanged request by itself: at <see cref="OpensAt"/>, or, when that is unknown, when running requests have settled.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>Gets what went wrong while finding out.</summary>
    /// <value><see langword="null"/> unless <see cref="Cause"/> is <see cref="BillingCause.Unavailable"/> or the key was refused.</value>
    public Exception? Fault { get; init; }

    /// <summary>Makes the exception that the guard throws for this verdict.</summary>
    /// <returns>The exception; a verdict that is no refusal becomes a <see cref="BillingCheckUnavailableException"/>.</returns>
    public BillingGuardException ToException() => Refusals.ToException(this);

    /// <summary>Gets whether the refusal is about the size of this one request, so that a smaller one may pass.</summary>
    internal bool IsAboutSize { get; init; }
}
