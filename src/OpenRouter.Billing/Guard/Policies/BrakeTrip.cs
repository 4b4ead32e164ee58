namespace OpenRouter.Billing.Guard;

/// <summary>Something that runs away, as the brake found it.</summary>
public sealed record BrakeTrip
{
    /// <summary>Gets what was found.</summary>
    public required BrakeReason Reason { get; init; }

    /// <summary>Gets what the brake does about it.</summary>
    public required BrakeAction Action { get; init; }

    /// <summary>Gets what kind of spender runs away.</summary>
    public required Spender Per { get; init; }

    /// <summary>Gets which project, member or workspace it is.</summary>
    /// <value>As the request's <see cref="BillingScope"/> names it; <see langword="null"/> for the app itself, accounts and keys.</value>
    public string? Name { get; init; }

    /// <summary>Gets how much there was within the window.</summary>
    /// <value>Requests, or US dollars, by <see cref="Reason"/>.</value>
    public required decimal Used { get; init; }

    /// <summary>Gets how much is thought sane.</summary>
    /// <value>Requests, or US dollars, by <see cref="Reason"/>.</value>
    public required decimal Allowed { get; init; }

    /// <summary>Gets the stretch of time that was looked at.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Gets when it was found, UTC.</summary>
    public required DateTimeOffset TrippedAt { get; init; }

    /// <summary>Gets when the first requests are let through again.</summary>
    /// <value>UTC; later if it goes on meanwhile.</value>
    public required DateTimeOffset HalfOpenAt { get; init; }

    /// <summary>Gets when the brake is off again, unless it trips anew.</summary>
    /// <value>UTC; the same as <see cref="HalfOpenAt"/> when the brake does not refuse.</value>
    public required DateTimeOffset EndsAt { get; init; }
}
