namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A clock that stands still until a test moves it; timers fire while it is moved.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly object _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now;
    private long _elapsed;
    private TaskCompletionSource _timerStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 11, 18, 10, 30, 0, TimeSpan.Zero))
    {
    }

    public ManualTimeProvider(DateTimeOffset now) => _now = now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => Zone;

    /// <summary>Where the machine believes to be; in UTC, unless a test says otherwise.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>How many timers wait, so that a test can tell that something is waiting.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count(timer => timer.Due is not null);
            }
        }
    }

    /// <summary>How long each waiting timer still waits, shortest first.</summary>
    public IReadOnlyList<TimeSpan> PendingWaits
    {
        get
        {
            lock (_gate)
            {
                return [.. _timers.Where(timer => timer.Due is not null).Select(timer => timer.Due!.Value - _now).Order()];
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsed;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        TaskCompletionSource started;
        lock (_gate)
        {
            _timers.Add(timer);
            started = _timerStarted;
            _timerStarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        started.TrySetResult();
        return timer;
    }

    /// <summary>Waits until somebody waits for the clock.</summary>
    public async Task WaitForTimerAsync(CancellationToken cancellationToken)
    {
        Task started;
        lock (_gate)
        {
            if (_timers.Any(timer => timer.Due is not null))
            {
                return;
            }

            started = _timerStarted.Task;
        }

        await started.WaitAsync(cancellationToken);
    }

    /// <summary>Moves the clock to an instant, firing what is due on the way.</summary>
    public void MoveTo(DateTimeOffset to) => Advance(to - GetUtcNow());

    /// <summary>Moves the clock, firing what is due on the way; a negative time sets the wall clock back, and only that.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetUtcNow() + by;
        var elapsed = GetTimestamp() + Math.Max(0, by.Ticks);
        while (NextDue(target, elapsed) is { } timer)
        {
            timer.Fire();
        }
    }

    /// <summary>Sets the wall clock, and only that: what waits goes on waiting by the steady one.</summary>
    public void SetWallClock(TimeSpan by)
    {
        lock (_gate)
        {
            _now += by;
            _timers.ForEach(timer => timer.Postpone(by));
        }
    }

    // When nothing is due any more the clock is there, in one step: a timer that starts meanwhile starts before, and fires, or after.
    private ManualTimer? NextDue(DateTimeOffset target, long elapsed)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (next?.Due is { } due && due > _now)
            {
                _elapsed += (due - _now).Ticks;
                _now = due;
            }
            else if (next is null)
            {
                _now = target;
                _elapsed = Math.Max(_elapsed, elapsed);
            }

            return next;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                Due = dueTime < TimeSpan.Zero ? null : clock._now + dueTime;
                _period = period;
                return true;
            }
        }

        public void Postpone(TimeSpan by) => Due += by;

        public void Fire()
        {
            lock (clock._gate)
            {
                Due = _period > TimeSpan.Zero ? Due + _period : null;
            }

            callback(state);
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                Due = null;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
