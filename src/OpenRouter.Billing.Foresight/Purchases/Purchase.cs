namespace OpenRouter.Billing.Foresight;

/// <summary>A purchase of credits as the app has recorded it. OpenRouter does not list purchases.</summary>
public sealed record Purchase
{
    /// <summary>Gets what tells the purchase from others.</summary>
    /// <value>Up to 100 characters, such as the number of the receipt; nothing secret.</value>
    public required string Id { get; init; }

    /// <summary>Gets when it was paid.</summary>
    /// <value>Any offset; it is kept in UTC.</value>
    public required DateTimeOffset PaidAt { get; init; }

    /// <summary>Gets how much it brings.</summary>
    /// <value>US dollars of credits; positive.</value>
    public required decimal Credits { get; init; }

    /// <summary>Gets what was paid for it, the fee apart.</summary>
    /// <value>US dollars; <see langword="null"/> for as much as <see cref="Credits"/>.</value>
    public decimal? Price { get; init; }

    /// <summary>Gets how it was paid.</summary>
    /// <value><see cref="PaymentMethod.Card"/> by default.</value>
    public PaymentMethod Method { get; init; }
}
