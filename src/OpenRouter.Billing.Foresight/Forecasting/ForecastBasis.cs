namespace OpenRouter.Billing.Foresight;

/// <summary>What a forecast rests on.</summary>
public sealed record ForecastBasis
{
    /// <summary>Gets how many completed UTC days count, from the first one with spending, at most 30.</summary>
    public required int Days { get; init; }

    /// <summary>Gets the first day that counts.</summary>
    /// <value>UTC; <see langword="null"/> when there is none.</value>
    public DateOnly? From { get; init; }

    /// <summary>Gets the last day that counts.</summary>
    /// <value>UTC, yesterday as a rule; <see langword="null"/> when there is none.</value>
    public DateOnly? To { get; init; }

    /// <summary>Gets what was spent since 00:00 UTC.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? SpentToday { get; init; }

    /// <summary>Gets whether the days of the week differ, which takes four weeks to tell.</summary>
    public bool UsesWeekdays { get; init; }

    /// <summary>Gets whether spending grows or shrinks by more than noise.</summary>
    public bool UsesTrend { get; init; }

    /// <summary>Gets where the days come from.</summary>
    /// <value><see cref="ForecastSource.Given"/> for <see cref="Forecast.Of"/>.</value>
    public ForecastSource Source { get; init; }

    /// <summary>Gets what is missing for a forecast.</summary>
    /// <value>A sentence; <see langword="null"/> when nothing is.</value>
    public string? Missing { get; init; }
}
