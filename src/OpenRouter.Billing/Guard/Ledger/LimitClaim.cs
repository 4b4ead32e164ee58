namespace OpenRouter.Billing.Guard;

/// <summary>What one request asks of one limit: no more than the capacity may be used on it since an instant.</summary>
/// <remarks>
/// Made with <see cref="InUsDollars"/> or <see cref="InRequests"/>. Amounts of money are rounded up and capacities down, to
/// whole nano-dollars, so that rounding never spends what is not there.
/// </remarks>
public readonly record struct LimitClaim
{
    /// <summary>Gets the identity of the limit: claims with the same identity share it.</summary>
    public required string Limit { get; init; }

    /// <summary>Gets the cause that a refusal by this limit has.</summary>
    public required BillingCause Cause { get; init; }

    /// <summary>Gets what the limit counts.</summary>
    public required LimitUnit Unit { get; init; }

    /// <summary>Gets how much the request may use.</summary>
    /// <value>Nano-dollars or requests; not negative.</value>
    public required long Amount { get; init; }

    /// <summary>Gets how much may be used since <see cref="Since"/>, by all requests together.</summary>
    /// <value>Nano-dollars or requests; negative when the limit is overdrawn.</value>
    public required long Capacity { get; init; }

    /// <summary>Gets the instant since which settled use counts. Use that is not settled yet counts always.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets when the capacity starts again.</summary>
    /// <value>UTC; <see langword="null"/> when it does not by itself, or when <see cref="Window"/> slides.</value>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>Gets the length of a sliding window.</summary>
    /// <value><see langword="null"/> when the window does not slide.</value>
    public TimeSpan? Window { get; init; }

    /// <summary>Gets what the server had counted when it was asked. It is shown in refusals; the ledger does not look at it.</summary>
    /// <value>Nano-dollars or requests; 0 when the server does not tell.</value>
    public long UsedBefore { get; init; }

    /// <summary>Gets what refusals call the limit.</summary>
    /// <value><see langword="null"/> when <see cref="Cause"/> says enough. The ledger does not look at it.</value>
    public string? Name { get; init; }

    /// <summary>Gets whether <see cref="Capacity"/> and <see cref="UsedBefore"/> together are the whole limit, and not only what was left of it.</summary>
    internal bool IsWholeKnown { get; init; }

    /// <summary>Gets whether <see cref="Capacity"/> is a figure of OpenRouter's, which reading again may change.</summary>
    internal bool IsFromReading { get; init; }

    /// <summary>Gets whether the limit is only shown, and refuses nothing.</summary>
    internal bool IsAdvisory { get; init; }

    /// <summary>Makes a claim on a limit that counts money.</summary>
    /// <param name="limit">The identity of the limit.</param>
    /// <param name="cause">The cause that a refusal by it has.</param>
    /// <param name="amount">What the request may cost, in US dollars.</param>
    /// <param name="capacity">What may be spent since <paramref name="since"/>, in US dollars; may be negative.</param>
    /// <param name="since">Since when settled spending counts.</param>
    /// <param name="resetsAt">When the capacity starts again; <see langword="null"/> when it does not by itself.</param>
    /// <returns>The claim.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="amount"/> is negative.</exception>
    public static LimitClaim InUsDollars(string limit, BillingCause cause, decimal amount, decimal capacity, DateTimeOffset since, DateTimeOffset? resetsAt = null)
    {
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        return new LimitClaim
        {
            Limit = limit,
            Cause = cause,
            Unit = LimitUnit.UsDollars,
            Amount = NanoDollars.RoundUp(amount),
            Capacity = NanoDollars.RoundDown(capacity),
            Since = since,
            ResetsAt = resetsAt,
        };
    }

    /// <summary>Makes a claim of one request on a limit that counts requests.</summary>
    /// <param name="limit">The identity of the limit.</param>
    /// <param name="cause">The cause that a refusal by it has.</param>
    /// <param name="capacity">How many requests may be made since <paramref name="since"/>.</param>
    /// <param name="since">Since when requests count.</param>
    /// <param name="resetsAt">When the capacity starts again; <see langword="null"/> when it does not by itself.</param>
    /// <returns>The claim.</returns>
    public static LimitClaim InRequests(string limit, BillingCause cause, long capacity, DateTimeOffset since, DateTimeOffset? resetsAt = null)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return new LimitClaim
        {
            Limit = limit,
            Cause = cause,
            Unit = LimitUnit.Requests,
            Amount = 1,
            Capacity = capacity,
            Since = since,
            ResetsAt = resetsAt,
        };
    }
}
