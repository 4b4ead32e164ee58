namespace OpenRouter.Billing.Foresight;

/// <summary>How spending goes: a level, a growth per day, factors of the weekdays, and the noise around them.</summary>
/// <remarks>
/// Days are counted from the first one after the last that is known: that is day 0, the last known one is day −1. Amounts are parts of
/// the mean day, so that neither nano-dollars nor millions wear out the digits of a decimal.
/// </remarks>
internal sealed class SpendModel
{
    public const int LeastDays = 3;

    private const int TrendDays = 14;
    private const int WeekdayDays = 28;
    private const int Iterations = 4;
    private const decimal MostGrowth = 0.06m;

    // How far a growth or a pattern must stand out from its noise to count at all; beyond, it counts for the rest.
    private const decimal TrendDoubt = 2m;
    private const decimal WeekdayDoubt = 1.5m;

    // No month is so even that its days could not differ by a fiftieth.
    private const decimal LeastNoise = 0.0004m;
    private const decimal MostCorrelation = 0.5m;
    private const decimal LeastFactor = 0.02m;

    private static readonly decimal[] EvenWeek = [1, 1, 1, 1, 1, 1, 1];

    private readonly decimal[] _weekdays;

    private SpendModel(decimal mean, DateOnly firstDay, decimal[] weekdays, Curve curve, decimal growthError, decimal noise)
    {
        (Mean, FirstDay, _weekdays, Growth, Noise, GrowthError) = (mean, firstDay, weekdays, curve.Growth, noise, growthError);
        (Level, Center, LevelError) = (curve.Level, curve.Center, noise * curve.SquareSum / (curve.Sum * curve.Sum));
    }

    /// <summary>Gets what the mean day cost, in US dollars: the unit of all amounts here.</summary>
    public decimal Mean { get; }

    /// <summary>Gets day 0.</summary>
    public DateOnly FirstDay { get; }

    /// <summary>Gets the level of day 0.</summary>
    public decimal Level { get; }

    /// <summary>Gets by which part the level grows in a day.</summary>
    public decimal Growth { get; }

    /// <summary>Gets the day that the level is known best of.</summary>
    public decimal Center { get; }

    /// <summary>Gets the variance of one day as a part of its square.</summary>
    public decimal Noise { get; }

    /// <summary>Gets the variance of the level as a part of its square.</summary>
    public decimal LevelError { get; }

    /// <summary>Gets the variance of the growth.</summary>
    public decimal GrowthError { get; }

    public bool UsesTrend => Growth != 0;

    public bool UsesWeekdays => _weekdays != EvenWeek;

    /// <summary>Fits a model to days, of which at least one cost something.</summary>
    public static SpendModel Fit(decimal[] costs, DateOnly lastDay)
    {
        var mean = Math.Max(costs.Sum() / costs.Length, 0.000000001m);
        decimal[] parts = [.. costs.Select(cost => cost / mean)];
        var firstDay = lastDay.AddDays(1);
        var hasTrend = parts.Length >= TrendDays;
        var weights = WeightsOf(EvenWeek, parts.Length, firstDay);
        var growth = hasTrend ? GrowthOf(parts, weights) : 0;
        var weekdays = parts.Length >= WeekdayDays ? WeekdaysOf(parts, growth, firstDay) : EvenWeek;
        if (weekdays != EvenWeek)
        {
            weights = WeightsOf(weekdays, parts.Length, firstDay);
            growth = GrowthOf(parts, weights);
        }

        var parameters = 1 + (hasTrend ? 1 : 0) + (weekdays != EvenWeek ? 4 : 0);
        var curve = new Curve(parts, weights, growth);
        growth = Doubted(growth, curve.Noise(parameters) * curve.SquareSum / parts.Length / curve.Leverage * (1 + growth) * (1 + growth));
        curve = new Curve(parts, weights, growth);
        var noise = curve.Noise(parameters) * (1 + curve.Correlation) / (1 - curve.Correlation);
        var growthError = hasTrend ? noise * curve.SquareSum / parts.Length / curve.Leverage : noise * 12 / (parts.Length * parts.Length * parts.Length);
        return new SpendModel(mean, firstDay, weekdays, curve, growthError, noise);
    }

    /// <summary>The factor of a day.</summary>
    public decimal WeekdayOf(int day) => _weekdays[(int)FirstDay.AddDays(day).DayOfWeek];

    // What stands out by less than its noise counts for nothing, and what stands out far for nearly all of itself.
    private static decimal Doubted(decimal growth, decimal variance) =>
        growth == 0 || variance == 0 ? growth : growth * Math.Max(0, 1 - (TrendDoubt * variance / (growth * growth)));

    private static decimal[] WeightsOf(decimal[] weekdays, int count, DateOnly firstDay) =>
        [.. Enumerable.Range(-count, count).Select(day => Math.Max(LeastFactor, weekdays[(int)firstDay.AddDays(day).DayOfWeek]))];

    /// <summary>Least squares for level · weight · (1 + growth)^day, by Gauss and Newton.</summary>
    private static decimal GrowthOf(decimal[] parts, decimal[] weights)
    {
        var growth = 0m;
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var curve = new Curve(parts, weights, growth);
            if (curve.BestLevel <= 0)
            {
                break;
            }

            growth = Math.Clamp(growth + (curve.Tilt / curve.BestLevel * (1 + growth)), -MostGrowth, MostGrowth);
        }

        return growth;
    }

    /// <summary>The mean of each weekday as a part of the mean day, drawn towards 1 as far as chance would scatter them as well.</summary>
    private static decimal[] WeekdaysOf(decimal[] parts, decimal growth, DateOnly firstDay)
    {
        var curve = new Curve(parts, [.. parts.Select(_ => 1m)], growth);
        var days = curve.Fitted.Select((fitted, index) => (Weekday: (int)firstDay.AddDays(index - parts.Length).DayOfWeek, Part: parts[index] / fitted)).ToList();
        var mean = days.Average(day => day.Part);
        var weekdays = days.GroupBy(day => day.Weekday).ToDictionary(group => group.Key, group => group.Average(day => day.Part) / mean);
        var within = days.Sum(day => Square((day.Part / mean) - weekdays[day.Weekday])) / (parts.Length - 7);
        var between = weekdays.Values.Sum(factor => Square(factor - 1)) / 6;
        var trust = between == 0 ? 0 : Math.Max(0, 1 - (WeekdayDoubt * within * 7 / parts.Length / between));
        if (trust == 0)
        {
            return EvenWeek;
        }

        decimal[] factors = [.. Enumerable.Range(0, 7).Select(weekday => Math.Max(0, 1 + (trust * (weekdays[weekday] - 1))))];
        var sum = factors.Sum();
        return [.. factors.Select(factor => factor * 7 / sum)];
    }

    private static decimal Square(decimal value) => value * value;

    /// <summary>A growth, the level that goes with it, and how the days lie around it.</summary>
    private sealed class Curve
    {
        private readonly decimal[] _errors;

        public Curve(decimal[] parts, decimal[] weights, decimal growth)
        {
            Growth = growth;
            var slopes = Slopes(weights, growth);
            Level = parts.Sum() / slopes.Sum();
            Fitted = [.. slopes.Select(slope => Level * slope)];
            _errors = [.. parts.Zip(Fitted, (part, fitted) => part - fitted)];
            (Sum, SquareSum) = (Fitted.Sum(), Fitted.Sum(Square));
            Center = Fitted.Select((fitted, index) => Square(fitted) * DayOf(index)).Sum() / SquareSum;
            Leverage = Fitted.Select((fitted, index) => Square(fitted * (DayOf(index) - Center))).Sum();
            BestLevel = parts.Zip(slopes, (part, slope) => part * slope).Sum() / slopes.Sum(Square);
            var leverage = slopes.Select((slope, index) => Square(slope * (DayOf(index) - Center))).Sum();
            Tilt = slopes.Select((slope, index) => (parts[index] - (BestLevel * slope)) * slope * (DayOf(index) - Center)).Sum() / leverage;
        }

        public decimal Growth { get; }

        public decimal Level { get; }

        public decimal[] Fitted { get; }

        public decimal Sum { get; }

        public decimal SquareSum { get; }

        public decimal Center { get; }

        /// <summary>Gets how firmly the days hold the growth.</summary>
        public decimal Leverage { get; }

        public decimal BestLevel { get; }

        /// <summary>Gets by how much the days rise more than the curve, per day.</summary>
        public decimal Tilt { get; }

        /// <summary>Gets how much a day's error is that of the day before, 0 at least.</summary>
        public decimal Correlation
        {
            get
            {
                var whole = _errors.Sum(Square);
                var shared = _errors.Zip(_errors.Skip(1), (error, next) => error * next).Sum();
                return whole == 0 ? 0 : Math.Clamp(shared / whole, 0, MostCorrelation);
            }
        }

        public decimal Noise(int parameters) =>
            Math.Max(LeastNoise, _errors.Sum(Square) / SquareSum * _errors.Length / Math.Max(1, _errors.Length - parameters));

        private int DayOf(int index) => index - _errors.Length;

        private static decimal[] Slopes(decimal[] weights, decimal growth)
        {
            var slopes = new decimal[weights.Length];
            var power = 1m;
            for (var index = weights.Length - 1; index >= 0; index--)
            {
                power /= 1 + growth;
                slopes[index] = weights[index] * power;
            }

            return slopes;
        }
    }
}
