namespace OpenRouter.Billing.Guard;

/// <summary>One sum of spending that a ledger has booked.</summary>
public sealed record SpendEntry
{
    /// <summary>Gets the UTC day on which it was booked.</summary>
    /// <value><see langword="null"/> when the sum is over all days.</value>
    public DateOnly? Day { get; init; }

    /// <summary>Gets whose spending it is.</summary>
    /// <value>What the sum is not told apart by is <see langword="null"/>.</value>
    public SpendLabels Labels { get; init; }

    /// <summary>Gets how many requests were booked.</summary>
    /// <value>Requests that were sent, the ones that cost nothing included.</value>
    public required long Requests { get; init; }

    /// <summary>Gets what they cost.</summary>
    /// <value>US dollars of credits; leases that were never settled count at what they claimed.</value>
    public required decimal Cost { get; init; }

    /// <summary>Gets what was spent through the account's own provider keys on top.</summary>
    /// <value>US dollars.</value>
    public decimal ByokCost { get; init; }
}
