using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

/// <summary>What happens in one step of a fleet's history.</summary>
internal enum FleetEvent
{
    Burst,
    Settle,
    Release,
    Abandon,
    Wait,
    LookAtServer,
    Kill,
    Disturb,
}

/// <summary>One step; what the numbers mean depends on what happens.</summary>
internal readonly record struct FleetStep(FleetEvent What, int Who, int Size);

/// <summary>
/// Plays a history on several processes with allowances over one shared ledger, and beside it on a server that charges. Whatever
/// was sent and is not settled may be charged in full; the server tells its figures late, and the processes' clocks differ.
/// </summary>
internal sealed class FleetHistory
{
    private const int Processes = 3;
    private const long ServerLimit = 20_000;
    private const long Budget = 30_000;

    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RequestDuration = TimeSpan.FromSeconds(90);

    private readonly ManualTimeProvider _clock = new();
    private readonly InMemoryBillingLedger _books;
    private readonly Func<SharedLedger, TimeProvider, IBillingLedger> _open;
    private readonly Random _random;
    private readonly Process[] _processes;
    private readonly List<(DateTimeOffset At, long Amount)> _charged = [];
    private readonly List<Running> _orphans = [];

    private FleetHistory(Func<SharedLedger, TimeProvider, IBillingLedger> open, int seed)
    {
        _books = new InMemoryBillingLedger(_clock);
        (_open, _random) = (open, new Random(seed));
        _processes = [.. Enumerable.Range(0, Processes).Select(_ => Start())];
    }

    public static Arbitrary<FleetStep[]> Histories { get; } = Arb.From(
        Gen.ArrayOf(
            from what in Gen.Frequency(
                (8, Gen.Constant(FleetEvent.Burst)),
                (7, Gen.Constant(FleetEvent.Settle)),
                (1, Gen.Constant(FleetEvent.Release)),
                (1, Gen.Constant(FleetEvent.Abandon)),
                (5, Gen.Constant(FleetEvent.Wait)),
                (3, Gen.Constant(FleetEvent.LookAtServer)),
                (1, Gen.Constant(FleetEvent.Kill)),
                (1, Gen.Constant(FleetEvent.Disturb)))
            from who in Gen.Choose(0, Processes - 1)
            from size in Gen.Choose(0, 100)
            select new FleetStep(what, who, size)),
        Shorter);

    /// <summary>How many requests were admitted, and how often the shared ledger was asked, over all histories.</summary>
    public static (long Admitted, long RoundTrips) Totals { get; private set; }

    private DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Plays a history; null when nothing went wrong.</summary>
    public static string? FaultOf(FleetStep[] steps, Func<SharedLedger, TimeProvider, IBillingLedger> open)
    {
        var history = new FleetHistory(open, steps.Length);
        foreach (var step in steps)
        {
            if (history.Play(step) is { } fault)
            {
                return fault;
            }
        }

        return history.Leaked();
    }

    private static IEnumerable<FleetStep[]> Shorter(FleetStep[] steps)
    {
        for (var part = steps.Length / 2; part > 0; part /= 2)
        {
            for (var start = 0; start < steps.Length; start += part)
            {
                yield return [.. steps[..start], .. steps[Math.Min(start + part, steps.Length)..]];
            }
        }
    }

    private Process Start()
    {
        var process = new Process(new SharedLedger(_books), TimeSpan.FromSeconds(_random.Next(-5, 6)));
        process.Ledger = _open(process.Shared, _clock);
        Look(process, 50);
        return process;
    }

    private string? Play(FleetStep step)
    {
        var process = _processes[step.Who];
        switch (step.What)
        {
            case FleetEvent.Burst:
                return Burst(process, step.Size);
            case FleetEvent.Settle:
                Settle(process, step.Size);
                break;
            case FleetEvent.Release:
                if (Pick(process) is { Cost: null } released)
                {
                    // It was not sent.
                    Charge(released, 0);
                    if (Tell(() => process.Ledger.ReleaseAsync(released.Id)))
                    {
                        process.Open.Remove(released);
                    }
                }

                break;
            case FleetEvent.Abandon:
                if (Pick(process) is { } abandoned)
                {
                    Charge(abandoned, abandoned.Amount);
                    process.Open.Remove(abandoned);
                }

                break;
            case FleetEvent.Wait:
                _clock.Advance(TimeSpan.FromMilliseconds(step.Size * step.Size * 3));
                Expire();
                break;
            case FleetEvent.LookAtServer:
                Look(process, step.Size);
                break;
            case FleetEvent.Kill:
                Kill(step.Who);
                break;
            case FleetEvent.Disturb:
                process.Shared.Fault = step.Size % 3 == 0 ? null
                    : step.Size > 80 ? () => (true, false)
                    : () => (_random.Next(100) < step.Size, _random.Next(2) == 0);
                break;
            default:
                throw new InvalidOperationException($"No such step: {step}.");
        }

        return null;
    }

    private string? Burst(Process process, int size)
    {
        for (var count = 0; count < 1 + (size / 4); count++)
        {
            long amount = _random.Next(0, 2 * (1 + size));
            LedgerAnswer answer;
            try
            {
                answer = Answer(process.Ledger.AcquireAsync(
                    [Claims.Money("server", amount, process.Capacity, process.Since), Claims.Money("budget", amount, Budget, DateTimeOffset.UnixEpoch), Claims.Requests("requests", 100_000, DateTimeOffset.UnixEpoch)],
                    RequestDuration));
            }
            catch (TimeoutException)
            {
                continue;
            }

            if (answer.Lease is { } id)
            {
                process.Open.Add(new Running(id, amount, Now + RequestDuration));
                Totals = (Totals.Admitted + 1, Totals.RoundTrips);
                if (Possible() is var possible && (possible > ServerLimit || possible > Budget))
                {
                    return $"{possible} of {ServerLimit} may be spent";
                }
            }
        }

        return null;
    }

    private void Settle(Process process, int size)
    {
        for (var count = 0; count < 1 + (size / 4) && Pick(process) is { } running; count++)
        {
            // Whoever is not heard tells the same again; the server has charged it once.
            Charge(running, Math.Min(_random.Next(0, 2 * (1 + size)), running.Amount));
            if (Tell(() => process.Ledger.SettleAsync(running.Id, LimitUnit.Requests, 1)) && Tell(() => process.Ledger.SettleAsync(running.Id, LimitUnit.UsDollars, running.Cost!.Value)))
            {
                process.Open.Remove(running);
            }
        }
    }

    private void Charge(Running running, long cost)
    {
        if (running.Cost is null)
        {
            running.Cost = cost;
            _charged.Add((Now, cost));
        }
    }

    private void Kill(int who)
    {
        var process = _processes[who];
        Totals = (Totals.Admitted, Totals.RoundTrips + process.Shared.RoundTrips);
        // Its timers may tick on, but it reaches nobody.
        process.Shared.Fault = () => (true, false);
        // What it had sent the server may charge as late as if it lived.
        _orphans.AddRange(process.Open.Where(running => running.Cost is null));
        _processes[who] = Start();
    }

    // The server's figure lacks what it charged within some part of the lag.
    private void Look(Process process, int size)
    {
        var delay = Lag * 0.8 * size / 100;
        process.Capacity = ServerLimit - _charged.Where(entry => entry.At <= Now - delay).Sum(entry => entry.Amount);
        process.Since = Now + process.Skew - Lag;
    }

    // Nobody heard an answer in time, so it may have cost all that was claimed.
    private void Expire()
    {
        foreach (var process in _processes)
        {
            foreach (var running in process.Open.Where(running => running.Deadline <= Now).ToArray())
            {
                Charge(running, running.Amount);
                process.Open.Remove(running);
            }
        }

        foreach (var running in _orphans.Where(running => running.Deadline <= Now).ToArray())
        {
            Charge(running, running.Amount);
            _orphans.Remove(running);
        }
    }

    private long Possible() => _charged.Sum(entry => entry.Amount) + _orphans.Sum(running => running.Amount) + _processes.Sum(process => process.Open.Sum(running => running.Cost is null ? running.Amount : 0));

    // When every lease is over, the dead ones' too, the shared ledger holds nothing but what still runs.
    private string? Leaked()
    {
        foreach (var process in _processes)
        {
            Totals = (Totals.Admitted, Totals.RoundTrips + process.Shared.RoundTrips);
            process.Shared.Fault = null;
        }

        for (var second = 0; second < 200; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Expire();
        }

        var usage = Answer(_books.PeekAsync([Claims.Money("server", 0, 0, DateTimeOffset.UnixEpoch), Claims.Money("budget", 0, 0, DateTimeOffset.UnixEpoch)]));
        return usage.Any(use => use.Leased != 0) ? $"{usage[0].Leased} and {usage[1].Leased} are held by nobody"
            : usage.Any(use => use.Settled < Possible()) ? $"{usage[0].Settled} and {usage[1].Settled} are booked of {Possible()}"
            : null;
    }

    private Running? Pick(Process process) => process.Open.Count == 0 ? null : process.Open[_random.Next(process.Open.Count)];

    private static bool Tell(Func<ValueTask> call)
    {
        try
        {
            var telling = call().AsTask();
            Assert.True(telling.IsCompleted);
            telling.GetAwaiter().GetResult();
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static T Answer<T>(ValueTask<T> task) => task.AsTask() is { IsCompleted: true } done ? done.GetAwaiter().GetResult() : throw new InvalidOperationException("The ledger waits.");

    private sealed record Running(LeaseId Id, long Amount, DateTimeOffset Deadline)
    {
        /// <summary>What the server charged; null while it has not.</summary>
        public long? Cost { get; set; }
    }

    private sealed class Process(SharedLedger shared, TimeSpan skew)
    {
        public SharedLedger Shared => shared;

        public TimeSpan Skew => skew;

        public IBillingLedger Ledger { get; set; } = shared;

        public List<Running> Open { get; } = [];

        public long Capacity { get; set; }

        public DateTimeOffset Since { get; set; }
    }
}
