namespace OpenRouter.Billing.Foresight;

/// <summary>How long money lasts: the account's balance, what is left of a key's cap, or of a budget of the app's own.</summary>
public sealed record Forecast
{
    /// <summary>Gets for when the figures hold.</summary>
    /// <value>UTC.</value>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets which kind of money it is about.</summary>
    /// <value><see cref="ForecastLimit.Balance"/> by default.</value>
    public ForecastLimit Limit { get; init; }

    /// <summary>Gets whose money it is.</summary>
    /// <value>The key's name, or what the budget is called, such as <c>Project 'search'</c>; <see langword="null"/> for the balance.</value>
    public string? Name { get; init; }

    /// <summary>Gets which key it is about.</summary>
    /// <value>The key's hash, 64 hexadecimal digits; <see langword="null"/> when it is not about one key.</value>
    public string? KeyHash { get; init; }

    /// <summary>Gets how much may be spent in one period.</summary>
    /// <value>US dollars; <see langword="null"/> for the balance.</value>
    public decimal? Capacity { get; init; }

    /// <summary>Gets how much is left.</summary>
    /// <value>US dollars, possibly negative; <see langword="null"/> when unknown.</value>
    public decimal? Remaining { get; init; }

    /// <summary>Gets when the money starts again.</summary>
    /// <value>UTC; <see langword="null"/> when it never does.</value>
    public DateTimeOffset? ResetsAt { get; init; }

    /// <summary>Gets whether the money lasts, until <see cref="ResetsAt"/> or for a year.</summary>
    public ForecastOutcome Outcome { get; init; }

    /// <summary>Gets how much is spent in an hour, as expected for the rest of the UTC day.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? PerHour { get; init; }

    /// <summary>Gets how much is expected to be spent in the next 24 hours.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? PerDay { get; init; }

    /// <summary>Gets what was spent in a day on average.</summary>
    /// <value>US dollars, over the days of <see cref="Basis"/>; <see langword="null"/> when there are none.</value>
    public decimal? AverageDailySpend { get; init; }

    /// <summary>Gets what is expected of the seven UTC days after this one.</summary>
    /// <value>Empty when unknown.</value>
    public IReadOnlyList<DayForecast> NextDays { get; init; } = [];

    /// <summary>Gets when the money is gone.</summary>
    /// <value><see langword="null"/> when unknown; never a date that the data does not bear.</value>
    public Depletion? Depletion { get; init; }

    /// <summary>Gets what the forecast rests on, and what is missing where it says "unknown".</summary>
    public required ForecastBasis Basis { get; init; }

    /// <summary>Makes a forecast from what was spent so far.</summary>
    /// <param name="history">What was spent.</param>
    /// <param name="remaining">What is left, in US dollars; <see langword="null"/> when unknown: what is spent is then forecast all the same.</param>
    /// <param name="resetsAt">When the money starts again, in UTC; <see langword="null"/> for never.</param>
    /// <returns>The forecast; <see cref="ForecastOutcome.Unknown"/> with fewer than three completed days since the first spending.</returns>
    /// <exception cref="ArgumentException">A day costs less than nothing, or is there twice.</exception>
    /// <remarks>
    /// The level of spending, its growth and, with four weeks of days, its pattern over the week are fitted to the days; growth and
    /// pattern count only as far as they stand out from the noise. The range from <see cref="Depletion.Earliest"/> to
    /// <see cref="Depletion.Latest"/> follows from the noise and from how well the fit is known.
    /// </remarks>
    public static Forecast Of(SpendHistory history, decimal? remaining, DateTimeOffset? resetsAt = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var days = SpendDays.Of(history);
        var model = days.Costs.Length < SpendModel.LeastDays ? null : SpendModel.Fit(days.Costs, days.LastDay);
        var basis = new ForecastBasis
        {
            Days = days.Costs.Length,
            From = days.Costs.Length == 0 ? null : days.LastDay.AddDays(1 - days.Costs.Length),
            To = days.Costs.Length == 0 ? null : days.LastDay,
            SpentToday = history.SpentToday,
            UsesWeekdays = model is { UsesWeekdays: true },
            UsesTrend = model is { UsesTrend: true },
            Missing = model is null ? $"A forecast takes {SpendModel.LeastDays} completed days since the first spending, and there are {days.Costs.Length}." : remaining is null ? "What is left is unknown." : null,
        };
        var forecast = new Forecast
        {
            At = history.At,
            Remaining = remaining,
            ResetsAt = resetsAt,
            AverageDailySpend = days.Costs.Length == 0 ? null : Round(days.Costs.Sum() / days.Costs.Length),
            Outcome = remaining <= 0 ? ForecastOutcome.Spent : ForecastOutcome.Unknown,
            Basis = basis,
        };
        return model is null ? forecast : new SpendPath(model, history).Complete(forecast);
    }

    internal static decimal Round(decimal usDollars) => decimal.Round(usDollars, 9);
}
