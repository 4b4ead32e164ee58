namespace OpenRouter.Billing.Foresight;

/// <summary>What was spent so far, for <see cref="Forecast.Of"/>.</summary>
public sealed record SpendHistory
{
    /// <summary>Gets for when the figures hold; a forecast looks ahead from here.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets the completed UTC days.</summary>
    /// <value>
    /// In any order. Between the first and the last one, days that are not there cost nothing; the last one should be yesterday,
    /// with 0 where nothing was spent. The current day and later ones are left out of account, and so is what is older than 30 days.
    /// </value>
    public required IReadOnlyList<DailySpend> Days { get; init; }

    /// <summary>Gets what was spent since 00:00 UTC.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? SpentToday { get; init; }
}
