namespace OpenRouter.Billing.Foresight;

/// <summary>Credits that were paid for and are to arrive.</summary>
public sealed record ExpectedCredits
{
    /// <summary>Gets how much is to arrive.</summary>
    /// <value>US dollars of credits; positive.</value>
    public required decimal Credits { get; init; }

    /// <summary>Gets all credits that the account had ever bought before.</summary>
    /// <value>
    /// US dollars: <see cref="CreditBalance.TotalCredits"/> from before the payment; <see langword="null"/> for what the first look
    /// shows, which is right as long as nothing has arrived by then.
    /// </value>
    public decimal? CreditsBefore { get; init; }

    /// <summary>Gets when they were paid.</summary>
    /// <value>Any offset; <see langword="null"/> for when the wait begins.</value>
    public DateTimeOffset? PaidAt { get; init; }

    /// <summary>Gets what the app knows the purchase by.</summary>
    /// <value>Up to 100 characters, such as the number of the receipt, for a ticket; nothing secret. <see langword="null"/> for nothing.</value>
    public string? Reference { get; init; }
}
