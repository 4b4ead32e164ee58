using System.Globalization;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Recommends a threshold above what a day takes, and an amount that lasts several days.</summary>
public static class ReloadAdvisor
{
    private const decimal RoundTo = 5m;

    /// <summary>Recommends at which balance to reload, and how much.</summary>
    /// <param name="forecast">How money goes, from <see cref="IBillingForecaster.ForecastAsync"/>.</param>
    /// <param name="options">What the app wants; <see langword="null"/> for the defaults.</param>
    /// <returns>The advice with its reasons. What the forecast does not know is not made up.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves; the message names each, its value and the cure.</exception>
    public static ReloadAdvice Advise(Forecast forecast, ReloadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        options ??= new ReloadOptions();
        ReloadOptionsValidator.ThrowIfInvalid(options);
        var reasons = new List<string>();
        var threshold = options.Threshold is { } wanted ? Set(wanted, "threshold", reasons) : Threshold(forecast, options, reasons);
        var amount = options.Amount is { } fixedAmount ? Set(fixedAmount, "amount", reasons) : Amount(forecast, options, reasons);
        if (amount > options.MaximumAmount)
        {
            amount = options.MaximumAmount;
            reasons.Add(Invariant($"No more than {Dollars(options.MaximumAmount)} is reloaded at once."));
        }

        if (forecast.Remaining is null)
        {
            reasons.Add("The balance is unknown, so nobody can say whether it is time: set ManagementKey.");
        }

        return new ReloadAdvice { Threshold = threshold, Amount = amount, IsDue = forecast.Remaining <= threshold && amount is not null, Reasons = reasons, Forecast = forecast };
    }

    private static decimal? Threshold(Forecast forecast, ReloadOptions options, List<string> reasons)
    {
        if (forecast.PerDay is not { } perDay)
        {
            reasons.Add(Unknown(forecast, "a threshold"));
            return null;
        }

        // A card may be looked at on the next working day only: the dearer of the next two days, with what is hardly passed.
        var dearest = Math.Max(perDay, forecast.NextDays.Take(2).Select(day => day.High).DefaultIfEmpty(0).Max());
        var onTheWay = (forecast.PerHour ?? (perDay / 24)) * options.Arrival.Ticks / TimeSpan.TicksPerHour;
        reasons.Add(Invariant($"A day may take up to {Dollars(dearest)}, and credits may take {options.Arrival.TotalHours:0.##} hours to arrive, in which {Dollars(onTheWay)} goes."));
        return Math.Max(1, Math.Ceiling(dearest + onTheWay));
    }

    private static decimal? Amount(Forecast forecast, ReloadOptions options, List<string> reasons)
    {
        if (forecast.PerDay is not { } perDay)
        {
            reasons.Add(Unknown(forecast, "an amount"));
            return null;
        }

        var known = forecast.NextDays.Take(options.Days).Sum(day => day.Expected);
        var average = forecast.NextDays.Count > 0 ? forecast.NextDays.Sum(day => day.Expected) / forecast.NextDays.Count : perDay;
        var needed = known + (average * Math.Max(0, options.Days - forecast.NextDays.Count));
        reasons.Add(Invariant($"{options.Days} days are expected to take {Dollars(needed)}."));
        var amount = Math.Ceiling(needed / RoundTo) * RoundTo;
        if (amount < options.MinimumAmount)
        {
            reasons.Add(Invariant($"Below {Dollars(options.MinimumAmount)} the minimum fee makes credits dearer."));
            return options.MinimumAmount;
        }

        return amount;
    }

    private static decimal Set(decimal value, string what, List<string> reasons)
    {
        reasons.Add(Invariant($"The {what} is set to {Dollars(value)}."));
        return value;
    }

    private static string Unknown(Forecast forecast, string what) => $"Too little is known to recommend {what}. {forecast.Basis.Missing}".TrimEnd();

    private static string Dollars(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture) + " USD";
}
