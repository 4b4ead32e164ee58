using FsCheck;
using FsCheck.Fluent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>What happens in one step of a history.</summary>
internal enum Happening
{
    Acquire,
    Settle,
    SettleAgain,
    Release,
    Wait,
    LookAtServer,
    SetClockBack,
}

/// <summary>One step of a history; what the numbers mean depends on what happens.</summary>
internal readonly record struct Step(Happening What, int Which, int Size);

/// <summary>
/// Plays a history on a ledger and, beside it, on a server that charges and a model so naive that it cannot be wrong: lists
/// of entries that are added up anew each time. One limit is the server's; on another, a sliding window, every other request
/// counts too, so that both must have room or neither is taken. Says what a ledger did that it must not do.
/// </summary>
internal sealed class LedgerHistory
{
    private const long ServerLimit = 1000;
    private const long WindowLimit = 700;

    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(45);

    private readonly ManualTimeProvider _clock = new();
    private readonly IBillingLedger _ledger;
    private readonly List<Held> _leases = [];
    private readonly List<Entry> _settled = [];
    private readonly List<Entry> _charged = [];
    private long _capacity = ServerLimit;
    private DateTimeOffset _since;
    private DateTimeOffset _latest;

    private LedgerHistory(Func<TimeProvider, IBillingLedger> open)
    {
        _ledger = open(_clock);
        _since = Now - Lag;
    }

    /// <summary>Histories that stay near the limit: many claims, and time enough for leases to expire and use to fall out.</summary>
    public static Arbitrary<Step[]> Histories { get; } = Arb.From(
        Gen.ArrayOf(
            from what in Gen.Frequency(
                (8, Gen.Constant(Happening.Acquire)),
                (5, Gen.Constant(Happening.Settle)),
                (1, Gen.Constant(Happening.SettleAgain)),
                (1, Gen.Constant(Happening.Release)),
                (4, Gen.Constant(Happening.Wait)),
                (2, Gen.Constant(Happening.LookAtServer)),
                (1, Gen.Constant(Happening.SetClockBack)))
            from which in Gen.Choose(0, 7)
            from size in Gen.Choose(0, 400)
            select new Step(what, which, size)),
        Shorter);

    private DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Plays a history; null when the ledger did nothing wrong.</summary>
    public static string? FaultOf(Step[] steps, Func<TimeProvider, IBillingLedger> open)
    {
        var history = new LedgerHistory(open);
        foreach (var step in steps)
        {
            if (history.Play(step) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static IEnumerable<Step[]> Shorter(Step[] steps)
    {
        for (var part = steps.Length / 2; part > 0; part /= 2)
        {
            for (var start = 0; start < steps.Length; start += part)
            {
                yield return [.. steps[..start], .. steps[Math.Min(start + part, steps.Length)..]];
            }
        }
    }

    private string? Play(Step step)
    {
        Expire();
        switch (step.What)
        {
            case Happening.Acquire:
                return Acquire(step);
            case Happening.Settle:
                Settle(step, _leases.Where(lease => !lease.IsOver).ToList());
                break;
            case Happening.SettleAgain:
                Settle(step, _leases);
                break;
            case Happening.Release:
                Release(step);
                break;
            case Happening.Wait:
                _clock.Advance(TimeSpan.FromMilliseconds(step.Size * step.Size));
                break;
            case Happening.LookAtServer:
                LookAtServer(step);
                break;
            case Happening.SetClockBack:
                // A correction of a second or so; the lag covers what it does to the server's figures.
                _clock.Advance(TimeSpan.FromMilliseconds(-step.Size * 5));
                break;
            default:
                throw new InvalidOperationException($"No such step: {step}.");
        }

        return null;
    }

    private string? Acquire(Step step)
    {
        long amount = step.Size;
        var isOnBoth = step.Which % 2 == 1;
        var (exact, generous) = UsedOf(onBoth: false, _since);
        var (exactInWindow, generousInWindow) = UsedOf(onBoth: true, Now - Window);
        LimitClaim[] claims = [Claims.Money("limit", amount, _capacity, _since), Claims.Money("window", amount, WindowLimit, Now - Window)];
        var answer = Wait(_ledger.AcquireAsync(isOnBoth ? claims : claims[..1], LeaseDuration));
        if (answer.Lease is { } id)
        {
            _leases.Add(new Held(id, amount, Now + LeaseDuration, isOnBoth));
            return exact + amount > _capacity ? $"{amount} granted beside {exact} of {_capacity}"
                : isOnBoth && exactInWindow + amount > WindowLimit ? $"{amount} granted beside {exactInWindow} of {WindowLimit} in the window"
                : OnTheServer() > ServerLimit ? $"{OnTheServer()} of the server's {ServerLimit} can be spent"
                : null;
        }

        return generous + amount <= _capacity && (!isOnBoth || generousInWindow + amount <= WindowLimit) ? $"{amount} refused beside {generous} of {_capacity}" : null;
    }

    // What counts for certain, and what may count: whole seconds, rounded to the side where more counts, with the clock taken
    // for the latest it ever was.
    private (long Exact, long Generous) UsedOf(bool onBoth, DateTimeOffset since)
    {
        var leased = 0L;
        foreach (var lease in _leases)
        {
            leased += !lease.IsOver && (lease.IsOnBoth || !onBoth) ? lease.Amount : 0;
        }

        var (exact, generous) = (leased, leased);
        foreach (var entry in _settled)
        {
            if (entry.IsOnBoth || !onBoth)
            {
                exact += entry.At >= since ? entry.Amount : 0;
                generous += EndOfSecond(entry.Latest) - TimeSpan.FromTicks(1) >= since ? entry.Amount : 0;
            }
        }

        return (exact, generous);
    }

    private void Settle(Step step, List<Held> candidates)
    {
        if (candidates.Count == 0)
        {
            return;
        }

        var lease = candidates[step.Which % candidates.Count];
        var cost = Math.Min(step.Size, lease.Amount);
        Wait(_ledger.SettleAsync(lease.Id, LimitUnit.UsDollars, cost));
        if (!lease.IsOver)
        {
            Book(lease, cost, Now);
            _charged.Add(new Entry(Now, Now, cost, lease.IsOnBoth));
        }
        else if (lease.Full is { } full)
        {
            // The answer came after the lease had expired: the true cost takes the place of the full amount.
            _settled.Remove(full);
            _charged.Remove(full);
            _charged.Add(full with { Amount = cost });
            lease.Full = null;
            Book(lease, cost, Now);
        }
    }

    private void Release(Step step)
    {
        var open = _leases.Where(lease => !lease.IsOver).ToList();
        if (open.Count > 0)
        {
            var lease = open[step.Which % open.Count];
            Wait(_ledger.ReleaseAsync(lease.Id));
            lease.IsOver = true;
        }
    }

    // The server's figure lacks what it charged within some part of the lag.
    private void LookAtServer(Step step)
    {
        var delay = Lag * 0.9 * step.Size / 400;
        _capacity = ServerLimit - _charged.Where(entry => entry.At <= Now - delay).Sum(entry => entry.Amount);
        _since = Now - Lag;
    }

    private void Expire()
    {
        foreach (var lease in _leases.Where(lease => !lease.IsOver && lease.Deadline <= Now).OrderBy(lease => lease.Deadline))
        {
            lease.Full = Book(lease, lease.Amount, lease.Deadline);
            // Nobody heard the answer yet, so the server may have charged all of it.
            _charged.Add(lease.Full);
        }
    }

    private Entry Book(Held lease, long amount, DateTimeOffset at)
    {
        lease.IsOver = true;
        _latest = at > _latest ? at : _latest;
        var entry = new Entry(at, _latest, amount, lease.IsOnBoth);
        _settled.Add(entry);
        return entry;
    }

    private long Leased() => _leases.Where(lease => !lease.IsOver).Sum(lease => lease.Amount);

    private long OnTheServer() => _charged.Sum(entry => entry.Amount) + Leased();

    private static DateTimeOffset EndOfSecond(DateTimeOffset at) => at.AddTicks(TimeSpan.TicksPerSecond - (at.Ticks % TimeSpan.TicksPerSecond));

    // Ledgers under test answer at once.
    private static T Wait<T>(ValueTask<T> task) => task.IsCompleted ? task.Result : throw new InvalidOperationException("The ledger waits.");

    private static void Wait(ValueTask task) => Assert.True(task.IsCompletedSuccessfully);

    private sealed record Entry(DateTimeOffset At, DateTimeOffset Latest, long Amount, bool IsOnBoth)
    {
        // Two entries that look the same are still two.
        public bool Equals(Entry? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }

    private sealed class Held(LeaseId id, long amount, DateTimeOffset deadline, bool isOnBoth)
    {
        public LeaseId Id => id;

        public long Amount => amount;

        public DateTimeOffset Deadline => deadline;

        public bool IsOnBoth => isOnBoth;

        public bool IsOver { get; set; }

        public Entry? Full { get; set; }
    }
}
