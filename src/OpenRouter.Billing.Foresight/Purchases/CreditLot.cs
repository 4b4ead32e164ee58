namespace OpenRouter.Billing.Foresight;

/// <summary>What is left of one recorded purchase, if the oldest credits are used first.</summary>
public sealed record CreditLot
{
    /// <summary>Gets the purchase.</summary>
    public required Purchase Purchase { get; init; }

    /// <summary>Gets how much of it has arrived.</summary>
    /// <value>US dollars of credits; less than was bought while the purchase is on its way.</value>
    public required decimal Arrived { get; init; }

    /// <summary>Gets how much of it is not used.</summary>
    /// <value>US dollars of credits.</value>
    public required decimal Unused { get; init; }

    /// <summary>Gets when OpenRouter may let the unused rest expire.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Gets how much of it would still be unused then.</summary>
    /// <value>US dollars of credits, at the daily spending that was asked about; <see langword="null"/> when none was.</value>
    public decimal? ExpectedToExpire { get; init; }
}
