namespace OpenRouter.Billing.Guard;

/// <summary>One limit as the guard saw it when it decided.</summary>
public sealed record LimitReading
{
    /// <summary>Gets the cause that a refusal by this limit has.</summary>
    public required BillingCause Cause { get; init; }

    /// <summary>Gets what the app calls the limit, such as <c>Daily, Project 'search'</c>.</summary>
    /// <value><see langword="null"/> for a limit of OpenRouter's, which <see cref="Cause"/> names.</value>
    public string? Name { get; init; }

    /// <summary>Gets what the limit counts.</summary>
    public required LimitUnit Unit { get; init; }

    /// <summary>Gets the whole of the limit where the server tells it, else what was left of it at the last reading.</summary>
    /// <value>US dollars or requests, by <see cref="Unit"/>; negative when overdrawn.</value>
    public required decimal Capacity { get; init; }

    /// <summary>Gets how much was used: what the server had counted, and what this ledger has booked since <see cref="Since"/>.</summary>
    /// <value>US dollars or requests, by <see cref="Unit"/>.</value>
    public required decimal Used { get; init; }

    /// <summary>Gets how much other requests hold that are still running.</summary>
    /// <value>US dollars or requests, by <see cref="Unit"/>.</value>
    public required decimal Held { get; init; }

    /// <summary>Gets how much this request asked for.</summary>
    /// <value>US dollars or requests, by <see cref="Unit"/>.</value>
    public required decimal Required { get; init; }

    /// <summary>Gets since when the ledger's own bookings count.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets when the capacity starts again, or a sliding window has room again.</summary>
    /// <value>UTC; <see langword="null"/> when it does not by itself.</value>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>Gets how much was left for this request.</summary>
    /// <value>US dollars or requests, by <see cref="Unit"/>; negative when overdrawn.</value>
    public decimal Remaining => Capacity - Used - Held;

    /// <summary>Gets whether the limit had room for this request.</summary>
    /// <value><see langword="false"/> also for a request that costs nothing, on a limit that refuses everything once it is spent.</value>
    public required bool HasRoom { get; init; }

    /// <summary>Gets whether the limit is only watched, and refuses nothing that it has no room for.</summary>
    /// <value><see langword="true"/> for a runaway brake that alerts or slows down.</value>
    public bool IsAdvisory { get; init; }

    /// <summary>Gets whether the request asks for more than the limit can ever hold.</summary>
    internal bool IsTooSmallForEver { get; private init; }

    internal static LimitReading From(in LimitClaim claim, LimitUsage usage, IReadOnlyList<LimitClaim> all) => new()
    {
        // Claims on one limit are one wish, as the ledger sees them.
        HasRoom = WishOn(claim.Limit, all) + usage.Settled + usage.Leased <= claim.Capacity,
        IsAdvisory = claim.IsAdvisory,
        Cause = claim.Cause,
        Name = claim.Name,
        Unit = claim.Unit,
        Capacity = Show(claim.Unit, claim.Capacity) + Show(claim.Unit, claim.UsedBefore),
        Used = Show(claim.Unit, usage.Settled) + Show(claim.Unit, claim.UsedBefore),
        Held = Show(claim.Unit, usage.Leased),
        // The least amount there is stands for none: see CostOnSpendableLimit.
        Required = claim.Unit != LimitUnit.Requests && claim.Amount == 1 ? 0 : Show(claim.Unit, claim.Amount),
        Since = claim.Since,
        IsTooSmallForEver = claim.IsWholeKnown && claim.Amount > (Int128)claim.Capacity + claim.UsedBefore,
        ResetsAt = claim.Window is { } window ? (usage.Oldest ?? claim.Since + window) + window : claim.ResetsAt,
    };

    private static Int128 WishOn(string limit, IReadOnlyList<LimitClaim> all)
    {
        Int128 wish = 0;
        for (var index = 0; index < all.Count; index++)
        {
            wish += all[index].Limit == limit ? all[index].Amount : 0;
        }

        return wish;
    }

    private static decimal Show(LimitUnit unit, long amount) => unit == LimitUnit.Requests || amount == 0 ? amount : NanoDollars.ToDollars(amount);
}
