namespace OpenRouter.Billing.Foresight;

/// <summary>What buying credits costs, how long it takes, and how long they can be given back and last.</summary>
/// <remarks>OpenRouter offers none of this by API. The defaults are what its FAQ and its help said at the end of September 2026.</remarks>
public sealed class PurchaseOptions
{
    /// <summary>Gets or sets the fee on purchases by card.</summary>
    /// <value>A fraction of the price, without unit; 0.055 by default; 0 to 1.</value>
    public decimal CardFeeRate { get; set; } = 0.055m;

    /// <summary>Gets or sets the least fee on a purchase by card.</summary>
    /// <value>US dollars; 0.80 by default; not negative.</value>
    public decimal CardMinimumFee { get; set; } = 0.80m;

    /// <summary>Gets or sets the fee on purchases with a cryptocurrency.</summary>
    /// <value>A fraction of the price, without unit; 0.05 by default; 0 to 1.</value>
    public decimal CryptoFeeRate { get; set; } = 0.05m;

    /// <summary>Gets or sets where the fees were read. Quotes show it.</summary>
    /// <value><c>OpenRouter's FAQ</c> by default.</value>
    public string FeeSource { get; set; } = "OpenRouter's FAQ";

    /// <summary>Gets or sets when the fees were read. Quotes show it.</summary>
    /// <value>30 September 2026 by default.</value>
    public DateOnly FeesAsOf { get; set; } = new(2026, 9, 30);

    /// <summary>Gets the packages that can be bought besides single amounts.</summary>
    /// <value>Empty by default: OpenRouter publishes no packages and no discount for volume.</value>
    public IList<CreditPackageOptions> Packages { get; } = [];

    /// <summary>Gets or sets how long credits usually take to arrive at most.</summary>
    /// <value>15 minutes by default; positive.</value>
    public TimeSpan UsualArrival { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets after which wait it is time for a support ticket.</summary>
    /// <value>30 minutes by default; not shorter than <see cref="UsualArrival"/>.</value>
    public TimeSpan TicketAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets after which wait credits are given up.</summary>
    /// <value>1 hour by default; not shorter than <see cref="TicketAfter"/>.</value>
    public TimeSpan LongestArrival { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the pause before the second look at the account; each further one is half as long again.</summary>
    /// <value>5 seconds by default; positive.</value>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the longest pause between two looks at the account.</summary>
    /// <value>1 minute by default; not shorter than <see cref="FirstPause"/>.</value>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long after a purchase unused credits are refunded.</summary>
    /// <value>24 hours by default; positive.</value>
    public TimeSpan RefundWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Gets or sets from which price on a refund takes a support ticket instead of a button.</summary>
    /// <value>US dollars; 50 by default; positive.</value>
    public decimal RefundTicketFrom { get; set; } = 50m;

    /// <summary>Gets or sets how long a refund may take before it is asked after.</summary>
    /// <value>Business days; 10 by default; positive.</value>
    public int RefundBusinessDays { get; set; } = 10;

    /// <summary>Gets or sets how long credits last.</summary>
    /// <value>Months after the purchase; 12 by default; positive. OpenRouter may let unused ones expire then.</value>
    public int MonthsUntilExpiry { get; set; } = 12;
}
