using System.Globalization;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>The brake of an account's guard, which <see cref="BillingGuardOptions.Brake"/> sets. Safe for concurrent use; lives as long as its guard.</summary>
/// <remarks>
/// A container has one per account, and <c>AddBrakeObserver</c> adds who is told of it. It serves one guard.
/// </remarks>
public sealed class RunawayBrake
{
    // An app may have a member per visitor; those whose brake is off are forgotten first.
    private const int MostSpenders = 1024;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly long _origin;
    private readonly Dictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);
    private readonly RepeatCounter _repeats = new();
    private volatile GuardTelemetry? _telemetry;
    private volatile IBrakeObserver[] _observers = [];
    private long _generations;

    /// <summary>Builds a brake that is off.</summary>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public RunawayBrake(TimeProvider? timeProvider = null)
    {
        _timeProvider = timeProvider ?? TimeProvider.System;
        _origin = _timeProvider.GetTimestamp();
    }

    /// <summary>Gets what the brake is on for just now.</summary>
    /// <value>One per spender; empty when it is off. Those that are half open are among them.</value>
    public IReadOnlyList<BrakeTrip> Trips
    {
        get
        {
            lock (_gate)
            {
                return Running();
            }
        }
    }

    /// <summary>Takes the brake off for everybody, and begins to count anew.</summary>
    public void Reset()
    {
        List<BrakeTrip> trips;
        lock (_gate)
        {
            trips = Running();
            _breakers.Clear();
            _repeats.Clear();
        }

        if (trips.Count > 0)
        {
            Call((observer, cancellationToken) => observer.ResetAsync(trips, cancellationToken));
        }
    }

    /// <summary>Gets how many requests are told apart just now.</summary>
    internal int Remembered
    {
        get
        {
            lock (_gate)
            {
                return _repeats.Count;
            }
        }
    }

    internal void TellTo(GuardTelemetry telemetry, IEnumerable<IBrakeObserver> observers) => (_telemetry, _observers) = (telemetry, [.. observers]);

    /// <summary>Weighs a request, and counts it when it is on its way out.</summary>
    internal void Apply(BillingPolicyContext context, in SpenderIdentity spender)
    {
        var options = context.Options.Brake;
        BrakeTrip? news = null;
        lock (_gate)
        {
            var now = Now();
            var breaker = BreakerOf(spender, options, now);
            var repeats = CountRepeats(context, spender, options, now);
            if (context.Pass is { IsCounted: false } pass)
            {
                pass.Enter(this, spender, options);
                pass.Repeats = repeats;
                if (repeats > options.MaxRepeats)
                {
                    news = PutOn(breaker, BrakeReason.Repeats, repeats, options.MaxRepeats.Value, spender, options, now);
                    _repeats.Forget(spender.Identity, context.Request.Fingerprint!.Value);
                }
            }

            Answer(context, spender, breaker, repeats, now);
        }

        Tell(news);
    }

    /// <summary>Takes in what a request cost.</summary>
    internal void Spent(in SpenderIdentity spender, RunawayBrakeOptions options, decimal cost)
    {
        BrakeTrip? news = null;
        lock (_gate)
        {
            var now = Now();
            var breaker = BreakerOf(spender, options, now);
            if (breaker.IsOn(now) || options.MaxCost is not { } most)
            {
                // What was let out before it tripped says nothing about what happens now.
                return;
            }

            breaker.Spent.Add(now, NanoDollars.RoundUp(cost));
            var spent = NanoDollars.ToDollars(breaker.Spent.Sum(now));
            if (spent >= most)
            {
                news = PutOn(breaker, BrakeReason.Cost, spent, most, spender, options, now);
            }
        }

        Tell(news);
    }

    /// <summary>Takes a probe back that did not go out.</summary>
    internal void GiveBack(in SpenderIdentity spender, BrakePass pass)
    {
        lock (_gate)
        {
            if (pass.Probe != 0 && _breakers.TryGetValue(spender.Identity, out var breaker) && breaker.Generation == pass.Probe)
            {
                breaker.ProbesTaken--;
            }

            pass.Probe = 0;
        }
    }

    private long CountRepeats(BillingPolicyContext context, in SpenderIdentity spender, RunawayBrakeOptions options, long now) =>
        options.MaxRepeats is null || context.Request.Fingerprint is not { } fingerprint ? 0
        : context.Pass is { IsCounted: true } counted ? counted.Repeats
        : context.Pass is not null ? _repeats.Add(spender.Identity, fingerprint, now, options.Window.Ticks)
        : _repeats.Peek(spender.Identity, fingerprint, now) + 1;

    private static void Answer(BillingPolicyContext context, in SpenderIdentity spender, Breaker breaker, long repeats, long now)
    {
        var options = context.Options.Brake;
        if (context.Pass is { } slowed)
        {
            slowed.Pause = options.Action == BrakeAction.SlowDown && breaker.IsOn(now) ? options.Delay : TimeSpan.Zero;
        }

        if (breaker.IsOn(now))
        {
            var trip = breaker.Trip!;
            context.Bound(trip.Reason == BrakeReason.Repeats
                ? Requests(spender, "same request", options, (long)trip.Used, (long)trip.Allowed) with { ResetsAt = trip.HalfOpenAt }
                : Dollars(spender, options, trip.Used, trip.Allowed) with { ResetsAt = trip.HalfOpenAt });
        }
        else if (options.Action == BrakeAction.Trip && breaker.IsHalfOpen(now))
        {
            var holdsProbe = context.Pass is { } pass && pass.Probe == breaker.Generation;
            context.Bound(Requests(spender, "probes", options, breaker.ProbesTaken - (holdsProbe ? 1 : 0), options.Probes) with { ResetsAt = breaker.Trip!.EndsAt });
            TakeProbe(context.Pass, breaker, options);
        }
        else
        {
            ShowRoom(context, spender, breaker, repeats, now);
        }
    }

    private static void TakeProbe(BrakePass? pass, Breaker breaker, RunawayBrakeOptions options)
    {
        if (pass is not null && pass.Probe != breaker.Generation && breaker.ProbesTaken < options.Probes)
        {
            breaker.ProbesTaken++;
            pass.Probe = breaker.Generation;
        }
    }

    private static void ShowRoom(BillingPolicyContext context, in SpenderIdentity spender, Breaker breaker, long repeats, long now)
    {
        var options = context.Options.Brake;
        if (options.MaxRepeats is { } most && repeats > 0)
        {
            context.Bound(Requests(spender, "same request", options, repeats - 1, most));
        }

        if (options.MaxCost is { } cost)
        {
            context.Bound(Dollars(spender, options, NanoDollars.ToDollars(breaker.Spent.Sum(now)), cost));
        }
    }

    private static LimitClaim Requests(in SpenderIdentity spender, string what, RunawayBrakeOptions options, long used, long allowed) =>
        LimitClaim.InRequests("brake/" + what, BillingCause.RunawayBrake, allowed - used, default) with { UsedBefore = used, Name = Name(spender, what, options), IsAdvisory = options.Action != BrakeAction.Trip };

    private static LimitClaim Dollars(in SpenderIdentity spender, RunawayBrakeOptions options, decimal used, decimal allowed) =>
        LimitClaim.InUsDollars("brake/spending", BillingCause.RunawayBrake, NanoDollars.One, allowed - used, default) with { UsedBefore = NanoDollars.RoundUp(used), Name = Name(spender, "spending", options), IsAdvisory = options.Action != BrakeAction.Trip };

    private static string Name(in SpenderIdentity spender, string what, RunawayBrakeOptions options) =>
        spender.Describe($"{what}, {options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");

    private Breaker BreakerOf(in SpenderIdentity spender, RunawayBrakeOptions options, long now)
    {
        if (!_breakers.TryGetValue(spender.Identity, out var breaker) || breaker.Spent.Window != options.Window.Ticks)
        {
            MakeRoom(now);
            _breakers[spender.Identity] = breaker = new Breaker(options.Window.Ticks);
        }

        breaker.Tick(now);
        return breaker;
    }

    private List<BrakeTrip> Running()
    {
        var now = Now();
        var trips = new List<BrakeTrip>();
        foreach (var breaker in _breakers.Values)
        {
            breaker.Tick(now);
            if (breaker.Trip is { } trip)
            {
                trips.Add(trip);
            }
        }

        return trips;
    }

    private void MakeRoom(long now)
    {
        if (_breakers.Count < MostSpenders)
        {
            return;
        }

        foreach (var (key, breaker) in _breakers)
        {
            breaker.Tick(now);
        }

        foreach (var (key, _) in _breakers.OrderBy(entry => entry.Value.Trip is not null).ThenBy(entry => entry.Value.Spent.LastAt).Take(MostSpenders / 4).ToList())
        {
            _breakers.Remove(key);
        }
    }

    private BrakeTrip? PutOn(Breaker breaker, BrakeReason reason, decimal used, decimal allowed, in SpenderIdentity spender, RunawayBrakeOptions options, long now)
    {
        var at = _timeProvider.GetUtcNow();
        var halfOpenAt = at + options.BreakDuration;
        var trip = new BrakeTrip
        {
            Reason = reason,
            Action = options.Action,
            Per = spender.Kind,
            Name = spender.Name,
            Used = used,
            Allowed = allowed,
            Window = options.Window,
            TrippedAt = at,
            HalfOpenAt = halfOpenAt,
            EndsAt = options.Action == BrakeAction.Trip ? halfOpenAt + options.BreakDuration : halfOpenAt,
        };
        return breaker.PutOn(trip, now, ++_generations) ? trip : null;
    }

    private void Tell(BrakeTrip? news)
    {
        if (news is null)
        {
            return;
        }

        if (_telemetry is { } telemetry)
        {
            telemetry.Meter.Braked(news);
            GuardLog.Braked(telemetry.Logger, news.Reason, news.Used, news.Allowed, news.Window, news.Action);
        }

        Call((observer, cancellationToken) => observer.TrippedAsync(news, cancellationToken));
    }

    private void Call(Func<IBrakeObserver, CancellationToken, ValueTask> tell)
    {
        foreach (var observer in _observers)
        {
            _ = Task.Run(() => CallAsync(observer, tell));
        }
    }

    private async Task CallAsync(IBrakeObserver observer, Func<IBrakeObserver, CancellationToken, ValueTask> tell)
    {
        using var patience = new CancellationTokenSource(LongestCall, _timeProvider);
        try
        {
            await tell(observer, patience.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the request that tripped it has gone its way; the log is all that a fault can reach
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_telemetry is { } telemetry)
            {
                GuardLog.BrakeCallFailed(telemetry.Logger, exception);
            }
        }
    }

    private long Now() => _timeProvider.GetElapsedTime(_origin).Ticks;
}
