namespace OpenRouter.Billing.Guard;

/// <summary>What a limit that starts again on the calendar has to offer at an instant, given a figure read before.</summary>
/// <param name="Capacity">US dollars that may be spent since <paramref name="Since"/>.</param>
/// <param name="Since">Since when own spending counts.</param>
/// <param name="ResetsAt">When the window ends; null when it never does.</param>
/// <param name="Spent">US dollars that the server had counted; 0 when it does not tell.</param>
internal readonly record struct SpendingWindow(decimal Capacity, DateTimeOffset Since, DateTimeOffset? ResetsAt, decimal Spent)
{
    /// <summary>Gets whether capacity and spending together are the whole of one window.</summary>
    public bool IsWholeKnown { get; private init; }

    public LimitClaim Claim(string limit, BillingCause cause, decimal cost, bool? includesByok) =>
        LimitClaim.InUsDollars(limit, cause, cost, Capacity, Since, ResetsAt) with
        {
            Unit = includesByok == true ? LimitUnit.UsDollarsWithByok : LimitUnit.UsDollars,
            UsedBefore = NanoDollars.RoundUp(Spent),
            IsWholeKnown = IsWholeKnown,
            IsFromReading = true,
        };

    /// <summary>Works out the window; null when the figure says too little to bind anything.</summary>
    /// <param name="limit">The whole of one window; null when unknown.</param>
    /// <param name="remaining">What was left when asked; null when unknown.</param>
    /// <param name="reset">How often the window starts again; null when never.</param>
    /// <param name="resetsAt">When it does next; null when not told.</param>
    /// <param name="askedAt">When the figure was asked for.</param>
    /// <param name="figureLag">How late own spending may show in the figure.</param>
    /// <param name="context">Now, and how far clocks may differ.</param>
    public static SpendingWindow? At(decimal? limit, decimal? remaining, ResetInterval? reset, DateTimeOffset? resetsAt, DateTimeOffset askedAt, TimeSpan figureLag, BillingPolicyContext context)
    {
        var lag = context.Options.SettlementLag;
        var end = resetsAt ?? reset?.NextReset(askedAt);
        // The window that the figure was about is over, also by a clock that is one lag behind this one.
        if (limit is { } whole && askedAt < end && context.Now - end >= lag)
        {
            var start = reset?.WindowStart(context.Now) ?? end.Value;
            return new SpendingWindow(whole, start - lag, reset?.NextReset(context.Now), 0) { IsWholeKnown = true };
        }

        return remaining is { } left ? new SpendingWindow(left, askedAt - figureLag, end, limit - left ?? 0) { IsWholeKnown = limit is not null } : null;
    }
}
