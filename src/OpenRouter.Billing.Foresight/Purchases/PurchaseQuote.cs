namespace OpenRouter.Billing.Foresight;

/// <summary>What credits would cost. Taxes come on top: OpenRouter's payment page adds them.</summary>
public sealed record PurchaseQuote
{
    /// <summary>Gets how much the account would get.</summary>
    /// <value>US dollars of credits, any bonus included.</value>
    public required decimal Credits { get; init; }

    /// <summary>Gets what they cost, the fee apart.</summary>
    /// <value>US dollars.</value>
    public required decimal Price { get; init; }

    /// <summary>Gets the fee, of all purchases together.</summary>
    /// <value>US dollars, rounded to the cent.</value>
    public required decimal Fee { get; init; }

    /// <summary>Gets what is to be paid.</summary>
    /// <value>US dollars, before taxes.</value>
    public decimal Total => Price + Fee;

    /// <summary>Gets how it is paid.</summary>
    public required PaymentMethod Method { get; init; }

    /// <summary>Gets how many purchases it takes.</summary>
    /// <value>1, or as many packages as cover the need.</value>
    public int Purchases { get; init; } = 1;

    /// <summary>Gets the price of the package that is to be bought.</summary>
    /// <value>US dollars for one; <see langword="null"/> for a single amount.</value>
    public decimal? Package { get; init; }

    /// <summary>Gets where the fee was read.</summary>
    public required string FeeSource { get; init; }

    /// <summary>Gets when the fee was read.</summary>
    public required DateOnly FeesAsOf { get; init; }
}
