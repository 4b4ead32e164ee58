namespace OpenRouter.Billing.Foresight;

/// <summary>What a model says of the time to come, from an instant on.</summary>
internal sealed class SpendPath
{
    private const int Horizon = 365;
    private const int ShownDays = 7;

    // How many standard deviations the range reaches. More is spent in a hurry than is left unspent.
    private const decimal HighWidth = 2.4m;
    private const decimal LowWidth = 2.2m;

    // Growth goes on for a while, and what is not known of it does not grow for ever either.
    private const decimal Damping = 0.99m;
    private const int MostDaysOfDoubt = 25;
    private const decimal MostVariance = 1_000_000m;

    // Above it nothing is decided any more, and a decimal would run over.
    private const decimal MostRemaining = 1_000_000_000_000m;
    private const decimal LeastPart = 0.000_000_000_000_000_001m;

    private readonly SpendModel _model;
    private readonly DateTimeOffset _at;
    private readonly decimal _restOfToday;
    private readonly decimal[] _levels;
    private readonly int _today;
    private readonly decimal _todaysRate;

    public SpendPath(SpendModel model, SpendHistory history)
    {
        (_model, _at) = (model, history.At.ToUniversalTime());
        var elapsed = (decimal)_at.TimeOfDay.Ticks / TimeSpan.TicksPerDay;
        _restOfToday = 1 - elapsed;
        _today = DateOnly.FromDateTime(_at.UtcDateTime).DayNumber - model.FirstDay.DayNumber;
        _levels = LevelsOf(model, _today + Horizon + 1);
        // The further the day has come, the more it tells of its own rest.
        _todaysRate = history.SpentToday is { } spent
            ? (_restOfToday * Expected(_today)) + (Math.Min(Math.Max(spent, 0), MostRemaining) / model.Mean)
            : Expected(_today);
    }

    public Forecast Complete(Forecast forecast)
    {
        var completed = forecast with
        {
            PerHour = ToDollars(_todaysRate / 24),
            PerDay = ToDollars((_restOfToday * _todaysRate) + ((1 - _restOfToday) * Expected(_today + 1))),
            NextDays = [.. Enumerable.Range(1, ShownDays).Select(ahead => DayAhead(_today + ahead))],
        };
        if (forecast.Remaining is not > 0)
        {
            return completed;
        }

        var depletion = DepletionOf(forecast.Remaining.Value, forecast.ResetsAt);
        return completed with
        {
            Depletion = depletion,
            Outcome = depletion.Expected is not null ? ForecastOutcome.RunsOut : depletion.Earliest is not null ? ForecastOutcome.MayRunOut : ForecastOutcome.Lasts,
        };
    }

    private static decimal[] LevelsOf(SpendModel model, int days)
    {
        var levels = new decimal[days];
        var (level, damping) = (model.Level, 1m);
        for (var day = 0; day < days; day++)
        {
            levels[day] = level;
            level *= 1 + (model.Growth * damping);
            damping *= Damping;
        }

        return levels;
    }

    private decimal Expected(int day) => _levels[day] * _model.WeekdayOf(day);

    private DayForecast DayAhead(int day)
    {
        var expected = Expected(day);
        var spread = Spread(_model.Noise + _model.LevelError + (Square(DoubtAt(day)) * _model.GrowthError));
        return new DayForecast(
            _model.FirstDay.AddDays(day),
            ToDollars(expected),
            ToDollars(expected / DecimalMath.Exp(LowWidth * spread)),
            ToDollars(expected * DecimalMath.Exp(HighWidth * spread)));
    }

    private Depletion DepletionOf(decimal remaining, DateTimeOffset? resetsAt)
    {
        var wanted = Math.Max(Math.Min(remaining, MostRemaining) / _model.Mean, LeastPart);
        var (expected, high, low) = (new Crossing(wanted), new Crossing(wanted), new Crossing(wanted));
        var (sum, variance, doubt, elapsed) = (0m, 0m, 0m, 0m);
        for (var ahead = 0; ahead < Horizon && low.At is null; ahead++)
        {
            var part = ahead == 0 ? _restOfToday : 1;
            var level = ahead == 0 ? _todaysRate : Expected(_today + ahead);
            elapsed += part;
            sum += level * part;
            variance += _model.Noise * Square(level) * part;
            doubt += level * part * DoubtAt(_today + ahead);
            var spread = sum == 0 ? 0 : Spread((variance / Square(sum)) + _model.LevelError + (Square(doubt / sum) * _model.GrowthError));
            expected.Reach(elapsed, sum);
            high.Reach(elapsed, sum * DecimalMath.Exp(HighWidth * spread));
            low.Reach(elapsed, sum / DecimalMath.Exp(LowWidth * spread));
        }

        return new Depletion { Expected = Instant(expected.At, resetsAt), Earliest = Instant(high.At, resetsAt), Latest = Instant(low.At, resetsAt) };
    }

    private decimal DoubtAt(int day) => Math.Min(day, MostDaysOfDoubt) - _model.Center;

    /// <summary>The standard deviation of the logarithm of an amount that has this variance as a part of its square.</summary>
    private static decimal Spread(decimal variance) => DecimalMath.Sqrt(DecimalMath.Log(1 + Math.Min(variance, MostVariance)));

    private DateTimeOffset? Instant(decimal? days, DateTimeOffset? resetsAt)
    {
        DateTimeOffset? at = days is { } some ? _at.AddTicks((long)(some * TimeSpan.TicksPerDay)) : null;
        return at >= resetsAt ? null : at;
    }

    private decimal ToDollars(decimal parts) => Forecast.Round(parts * _model.Mean);

    private static decimal Square(decimal value) => value * value;

    /// <summary>Finds when a sum that grows passes an amount.</summary>
    private sealed class Crossing(decimal wanted)
    {
        private decimal _elapsed;
        private decimal _sum;

        public decimal? At { get; private set; }

        public void Reach(decimal elapsed, decimal sum)
        {
            // A range that widens may seem to give money back; what is gone stays gone.
            sum = Math.Max(sum, _sum);
            if (At is null && sum >= wanted)
            {
                At = _elapsed + ((elapsed - _elapsed) * (wanted - _sum) / (sum - _sum));
            }

            (_elapsed, _sum) = (elapsed, sum);
        }
    }
}
