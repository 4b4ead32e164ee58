namespace OpenRouter.Billing.Foresight;

/// <summary>Credits that are sold as a package. OpenRouter publishes none.</summary>
public sealed class CreditPackageOptions
{
    /// <summary>Gets or sets what it costs, fees apart.</summary>
    /// <value>US dollars, positive.</value>
    public decimal Price { get; set; }

    /// <summary>Gets or sets which part of the price is given on top.</summary>
    /// <value>A fraction without unit, such as 0.1 for a tenth more; 0 by default, not negative.</value>
    public decimal BonusRate { get; set; }

    /// <summary>Gets how much it is worth.</summary>
    internal decimal Credits => decimal.Round(Price * (1 + BonusRate), 2, MidpointRounding.ToZero);
}
