using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>What a wallet is like in which own spending shows late.</summary>
internal sealed record LagStory
{
    public required int Seed { get; init; }

    /// <summary>How long a charge takes to show in the counter.</summary>
    public required Func<Random, TimeSpan> Lag { get; init; }

    /// <summary>What one own request costs, in nano-dollars.</summary>
    public Func<Random, long> Cost { get; init; } = random => 1_000_000 + random.Next(1_000_000);

    /// <summary>What somebody else spends between two own steps, in nano-dollars.</summary>
    public Func<Random, long> Others { get; init; } = _ => 0;

    /// <summary>How long the guard reckons with when it learns nothing; null for what it learns.</summary>
    public TimeSpan? Fixed { get; init; }

    public int Steps { get; init; } = 1500;

    public BillingGuardOptions Options { get; init; } = new();
}

/// <summary>
/// A server that counts late, others who spend, and a guard's own sums over the true ledger: claims are true costs, so that
/// not one nano-dollar may be granted that is not there.
/// </summary>
internal sealed class LagWorld
{
    private readonly LagStory _story;
    private readonly Random _random;
    private readonly ManualTimeProvider _clock = new();
    private readonly LearnedLag _lag;
    private readonly InMemoryBillingLedger _ledger;
    private readonly List<(DateTimeOffset ShowsAt, long Amount)> _own = [];
    private readonly List<(DateTimeOffset ShowsAt, long Amount)> _others = [];
    private readonly Queue<(LeaseId Lease, long Cost, DateTimeOffset EndsAt)> _running = [];
    private (DateTimeOffset AskedAt, long Counter, long Others) _reading;
    private long _money = 60_000_000;
    private long _spent;
    private long _leased;
    private int _refusedInARow;

    private LagWorld(LagStory story)
    {
        (_story, _random) = (story, new Random(story.Seed));
        _lag = new LearnedLag(_clock);
        _ledger = new InMemoryBillingLedger(_clock);
        Look();
    }

    public int Granted { get; private set; }

    public int Refused { get; private set; }

    /// <summary>How many were refused although the money was there.</summary>
    public int RefusedTooEarly { get; private set; }

    /// <summary>The most that was granted beyond what there was, in nano-dollars.</summary>
    public long Overspent { get; private set; }

    public TimeSpan Shortest { get; private set; } = TimeSpan.MaxValue;

    public TimeSpan Lag => _story.Fixed ?? _lag.Within(_story.Options);

    public static async Task<LagWorld> PlayAsync(LagStory story)
    {
        var world = new LagWorld(story);
        for (var step = 0; step < story.Steps; step++)
        {
            await world.StepAsync();
        }

        return world;
    }

    // Bursts of requests, pauses now and then.
    private async Task StepAsync()
    {
        _clock.Advance(_random.Next(40) == 0 ? TimeSpan.FromSeconds(_random.Next(30, 150)) : TimeSpan.FromMilliseconds(_random.Next(1, 4000)));
        await EndAsync();
        if (_story.Others(_random) is > 0 and var amount)
        {
            _others.Add((_clock.GetUtcNow() + _story.Lag(_random), amount));
        }

        var age = _clock.GetUtcNow() - _reading.AskedAt;
        if (age > TimeSpan.FromSeconds(30) || (age > TimeSpan.FromSeconds(5) && (_refusedInARow > 0 || _random.Next(8) == 0)))
        {
            Look();
        }

        await AskAsync();
        Shortest = Lag < Shortest ? Lag : Shortest;
    }

    private async Task AskAsync()
    {
        var cost = _story.Cost(_random);
        var claim = Ledger.Claims.Money("wallet", cost, _money - _reading.Counter, _reading.AskedAt - Lag);
        if ((await _ledger.AcquireAsync([claim], TimeSpan.FromHours(1))).Lease is not { } lease)
        {
            Refused++;
            RefusedTooEarly += _spent + _leased + _reading.Others + cost <= _money ? 1 : 0;
            if (++_refusedInARow > 60)
            {
                _money += 60_000_000;
                _refusedInARow = 0;
            }

            return;
        }

        Granted++;
        _refusedInARow = 0;
        _leased += cost;
        _running.Enqueue((lease, cost, _clock.GetUtcNow() + TimeSpan.FromMilliseconds(_random.Next(10, 3000))));
        Overspent = Math.Max(Overspent, _spent + _leased + _reading.Others - _money);
    }

    private async Task EndAsync()
    {
        while (_running.TryPeek(out var running) && running.EndsAt <= _clock.GetUtcNow())
        {
            _running.Dequeue();
            // The server counts before the last byte has been read.
            var counted = _clock.GetUtcNow() - TimeSpan.FromMilliseconds(_random.Next(0, 500));
            _own.Add((counted + _story.Lag(_random), running.Cost));
            _lag.Spent(NanoDollars.ToDollars(running.Cost));
            await _ledger.SettleAsync(running.Lease, LimitUnit.UsDollars, running.Cost);
            (_spent, _leased) = (_spent + running.Cost, _leased - running.Cost);
        }
    }

    private void Look()
    {
        var now = _clock.GetUtcNow();
        var others = _others.Where(charge => charge.ShowsAt <= now).Sum(charge => charge.Amount);
        _reading = (now, others + _own.Where(charge => charge.ShowsAt <= now).Sum(charge => charge.Amount), others);
        _lag.Read(NanoDollars.ToDollars(_reading.Counter), now, _story.Options);
    }
}
