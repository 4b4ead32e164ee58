using System.Globalization;

namespace OpenRouter.Billing.Foresight;

/// <summary>The completed days of a history without holes, from the first one with spending.</summary>
/// <param name="Costs">US dollars per day, the earliest first.</param>
/// <param name="LastDay">The day of the last of them.</param>
internal readonly record struct SpendDays(decimal[] Costs, DateOnly LastDay)
{
    /// <summary>As many as OpenRouter's activity has.</summary>
    private const int Most = 30;

    // More than OpenRouter ever earns; sums of sums stay within a decimal below it.
    private const decimal Dearest = 1_000_000_000_000m;

    public static SpendDays Of(SpendHistory history)
    {
        var today = DateOnly.FromDateTime(history.At.UtcDateTime);
        var costs = new SortedDictionary<DateOnly, decimal>();
        foreach (var (day, cost) in history.Days)
        {
            if (cost is < 0 or > Dearest)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Days: {day:yyyy-MM-dd} costs {cost} USD: use 0 to {Dearest}."), nameof(history));
            }

            if (!costs.TryAdd(day, cost))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Days: {day:yyyy-MM-dd} is there twice: add its costs up."), nameof(history));
            }
        }

        var counted = costs.Where(entry => entry.Key < today && entry.Key >= today.AddDays(-Most)).ToList();
        var first = counted.FindIndex(entry => entry.Value > 0);
        if (first < 0)
        {
            return new([], today.AddDays(-1));
        }

        var from = counted[first].Key.DayNumber;
        var whole = new decimal[counted[^1].Key.DayNumber - from + 1];
        foreach (var (day, cost) in counted.Skip(first))
        {
            whole[day.DayNumber - from] = cost;
        }

        return new(whole, counted[^1].Key);
    }
}
