namespace OpenRouter.Billing.Foresight.Tests.Forecasting;

/// <summary>Thirty days of an app whose future is known: what it spent, what is left, and when that is gone in truth.</summary>
/// <param name="History">The days, and the part of today that is over.</param>
/// <param name="Remaining">US dollars.</param>
/// <param name="DaysLeft">After how many days it is gone.</param>
public sealed record SyntheticMonth(SpendHistory History, decimal Remaining, decimal DaysLeft)
{
    private const int Days = 30;
    private static readonly DateOnly FirstDay = new(2026, 3, 1);

    /// <summary>Draws a month of a kind: flat, weekly, growth, spikes or gaps.</summary>
    public static SyntheticMonth Draw(string kind, int seed, int knownDays = Days)
    {
#pragma warning disable CA5394 // the same months every time are what is wanted
        var random = new Random(seed);
        var process = new Process(kind, random);
        var start = FirstDay.AddDays(random.Next(7));
        var days = Enumerable.Range(0, Days).Select(day => new DailySpend(start.AddDays(day), process.Spend(day, start.AddDays(day)))).ToList();
        var elapsed = (decimal)random.NextDouble();
        var remaining = process.Level * Uniform(random, 2, 40);
#pragma warning restore CA5394
        var today = process.Spend(Days, start.AddDays(Days));
        var history = new SpendHistory
        {
            At = new DateTimeOffset(start.AddDays(Days).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddTicks((long)(elapsed * TimeSpan.TicksPerDay)),
            Days = [.. days.Skip(Days - knownDays)],
            SpentToday = today * elapsed,
        };
        return new SyntheticMonth(history, remaining, Live(process, start, elapsed, today, remaining));
    }

    // Money goes evenly over a day, so the truth is known to the second.
    private static decimal Live(Process process, DateOnly start, decimal elapsed, decimal today, decimal remaining)
    {
        var (passed, part, cost) = (0m, 1 - elapsed, today * (1 - elapsed));
        for (var day = Days + 1; ; day++)
        {
            if (cost >= remaining)
            {
                return passed + (part * remaining / cost);
            }

            remaining -= cost;
            passed += part;
            (part, cost) = (1, process.Spend(day, start.AddDays(day)));
        }
    }

    private static decimal Uniform(Random random, decimal low, decimal high) =>
#pragma warning disable CA5394 // the same months every time are what is wanted
        low + ((high - low) * (decimal)random.NextDouble());
#pragma warning restore CA5394

    private sealed class Process
    {
        private readonly string _kind;
        private readonly Random _random;
        private readonly decimal _base;
        private readonly double _sigma;
        private readonly decimal _growth;
        private readonly decimal _saturday;
        private readonly decimal _sunday;
        private readonly decimal _spikeChance;
        private readonly decimal _spikeSize;
        private readonly decimal _gapChance;
        private int _gapDays;

        public Process(string kind, Random random)
        {
            (_kind, _random) = (kind, random);
            _base = Uniform(random, 1, 50);
            var variation = (double)Uniform(random, 0.1m, 0.5m);
            _sigma = Math.Sqrt(Math.Log(1 + (variation * variation)));
            _growth = kind == "growth" ? Uniform(random, 0.005m, 0.03m) : 0;
            _saturday = kind == "weekly" ? Uniform(random, 0.1m, 0.5m) : 1;
            _sunday = kind == "weekly" ? Uniform(random, 0.1m, 0.5m) : 1;
            _spikeChance = kind == "spikes" ? Uniform(random, 0.03m, 0.1m) : 0;
            _spikeSize = Uniform(random, 3, 8);
            _gapChance = kind == "gaps" ? Uniform(random, 0.08m, 0.2m) : 0;
        }

        /// <summary>What a usual day costs at the end of the month, about.</summary>
        public decimal Level => _base * (_kind == "growth" ? 1.5m : 1);

        public decimal Spend(int day, DateOnly date)
        {
            var cost = _base * (decimal)Math.Pow(1 + (double)_growth, day) * Noise() * date.DayOfWeek switch
            {
                DayOfWeek.Saturday => _saturday,
                DayOfWeek.Sunday => _sunday,
                _ => _kind == "weekly" ? 1.2m : 1,
            };
            if (Uniform(_random, 0, 1) < _spikeChance)
            {
                cost *= _spikeSize;
            }

            return IsGap() ? 0 : decimal.Round(cost, 9);
        }

        // Idle stretches of one to three days.
        private bool IsGap()
        {
            if (_gapDays > 0)
            {
                _gapDays--;
                return true;
            }

            if (Uniform(_random, 0, 1) >= _gapChance)
            {
                return false;
            }

            _gapDays = (int)Uniform(_random, 0, 3);
            return true;
        }

        private decimal Noise()
        {
            var normal = Math.Sqrt(-2 * Math.Log((double)Uniform(_random, 0.000001m, 1))) * Math.Cos(2 * Math.PI * (double)Uniform(_random, 0, 1));
            return (decimal)Math.Exp((_sigma * normal) - (_sigma * _sigma / 2));
        }
    }
}
