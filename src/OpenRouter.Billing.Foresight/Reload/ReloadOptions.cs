namespace OpenRouter.Billing.Foresight;

/// <summary>When and how much to reload.</summary>
public sealed class ReloadOptions
{
    /// <summary>Gets or sets the balance at which to reload.</summary>
    /// <value>US dollars, positive; <see langword="null"/> by default, for what <see cref="ReloadAdvisor"/> recommends.</value>
    public decimal? Threshold { get; set; }

    /// <summary>Gets or sets how much to reload.</summary>
    /// <value>US dollars of credits, positive; <see langword="null"/> by default, for what <see cref="ReloadAdvisor"/> recommends.</value>
    public decimal? Amount { get; set; }

    /// <summary>Gets or sets how many days a reload is recommended to last.</summary>
    /// <value>Days; 7 by default; 1 to 90.</value>
    public int Days { get; set; } = 7;

    /// <summary>Gets or sets how long credits may take to arrive, so that the balance must last for as long.</summary>
    /// <value>1 hour by default; positive.</value>
    public TimeSpan Arrival { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the least amount that is recommended.</summary>
    /// <value>US dollars of credits; 15 by default, below which OpenRouter's minimum fee makes credits dearer; positive.</value>
    public decimal MinimumAmount { get; set; } = 15m;

    /// <summary>Gets or sets the largest amount that is reloaded at once, whoever names it.</summary>
    /// <value>US dollars of credits; 500 by default; not below <see cref="MinimumAmount"/>.</value>
    public decimal MaximumAmount { get; set; } = 500m;

    /// <summary>Gets or sets how long nothing is reloaded after a reload was begun, by whichever process.</summary>
    /// <value>2 hours by default; positive, at most 30 days.</value>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Gets or sets how often to reload in a UTC day at most, all processes together.</summary>
    /// <value>Reloads; 2 by default; positive.</value>
    public int MaxPerDay { get; set; } = 2;

    /// <summary>Gets or sets how much to reload in a UTC day at most, all processes together.</summary>
    /// <value>US dollars of credits, positive; <see langword="null"/> by default, for any amount.</value>
    public decimal? MaxAmountPerDay { get; set; }

    /// <summary>Gets or sets how long the app's own hook may take.</summary>
    /// <value>2 minutes by default; positive.</value>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
