namespace OpenRouter.Billing.Guard;

/// <summary>A limit on what runs away: how much may happen in any stretch of time.</summary>
public sealed class RunawayLimitOptions
{
    /// <summary>Gets or sets whose requests it counts.</summary>
    /// <value><see cref="Spender.App"/> by default.</value>
    public Spender Per { get; set; }

    /// <summary>Gets or sets the length of the stretch, which slides.</summary>
    /// <value>1 minute by default; positive. Up to two minutes it is measured to the second, up to a day to the minute, beyond more coarsely; always on the safe side.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how much may be spent in it.</summary>
    /// <value>US dollars, positive; <see langword="null"/> by default, for any amount.</value>
    public decimal? MaxCost { get; set; }

    /// <summary>Gets or sets how many requests may be made in it.</summary>
    /// <value>Requests, positive; <see langword="null"/> by default, for any number.</value>
    public int? MaxRequests { get; set; }
}
