namespace OpenRouter.Billing.Guard;

/// <summary>One figure, asked for once at a time however many want it, and again in the background before it is too old.</summary>
/// <remarks>
/// The question is nobody's in particular: a caller that gives up, or waits no longer, does not end it for the others. Ages
/// are measured with the steady clock, so that setting the wall clock neither keeps a figure nor a failure alive.
/// </remarks>
/// <param name="timeProvider">The clock.</param>
/// <param name="keepRefusalFor">How long "may not" holds before it is asked again; null for as long as any other figure.</param>
/// <param name="onAnswered">Is told what became of each question; null for nobody.</param>
internal sealed class SharedReading<T>(TimeProvider timeProvider, TimeSpan? keepRefusalFor = null, Action<ReadingState>? onAnswered = null)
    where T : class
{
    // After a failure the next question waits, longer each time, so that an outage is not answered with a storm.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // A server that asks for more than this is asked again all the same: the guard cannot stay blind for hours.
    private static readonly TimeSpan LongestHint = TimeSpan.FromMinutes(5);

    private static readonly TimeoutException NothingCame = new("No figure has come yet.");

    private readonly object _gate = new();
    private Reading<T>? _last;
    private Reading<T>? _failure;
    private long _failedAt;
    private int _failures;
    private bool _wasRefused;
    private Task<Reading<T>>? _running;

    /// <summary>Gets when somebody last wanted the figure, by the steady clock.</summary>
    public long LastWanted { get; private set; }

    /// <summary>Gets what is known now, without asking.</summary>
    public Reading<T> Peek()
    {
        lock (_gate)
        {
            return _last ?? _failure ?? Reading<T>.Unavailable(timeProvider, NothingCame);
        }
    }

    /// <summary>Gets the figure when it is so young that nobody need ask; null otherwise.</summary>
    public Reading<T>? GetFresh(Freshness freshness, Instant now)
    {
        lock (_gate)
        {
            LastWanted = now.Timestamp;
            return _last is { } last && last.IsYoungerThan(Longest(freshness.FreshFor, last), now, timeProvider) ? last : null;
        }
    }

    /// <summary>Gets the figure, at most as old as asked for; waits only when there is none such.</summary>
    public ValueTask<Reading<T>> GetAsync(Func<Task<Reading<T>>> ask, Freshness freshness, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = Instant.Now(timeProvider);
            LastWanted = now.Timestamp;
            if (_last is { } last && last.IsYoungerThan(Longest(freshness.MaxAge, last), now, timeProvider))
            {
                if (!last.IsYoungerThan(Longest(freshness.RefreshAfter, last), now, timeProvider) && !IsPausing())
                {
                    Start(ask, freshness.AskTimeout);
                }

                return ValueTask.FromResult(last);
            }

            if (_running is null && IsPausing())
            {
                return ValueTask.FromResult(_failure!);
            }

            return new ValueTask<Reading<T>>(WaitAsync(Start(ask, freshness.AskTimeout), ask, freshness, cancellationToken));
        }
    }

    private TimeSpan Longest(TimeSpan usual, Reading<T> last) =>
        last.State == ReadingState.NotPermitted && keepRefusalFor is { } longer ? longer : usual;

    private bool IsPausing()
    {
        if (_failure is null)
        {
            return false;
        }

        var pause = TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(_failures - 1, 10), LongestPause.Ticks));
        var hint = (_failure.Fault as OpenRouterApiException)?.RetryAfter ?? TimeSpan.Zero;
        hint = hint < LongestHint ? hint : LongestHint;
        return timeProvider.GetElapsedTime(_failedAt) < (pause > hint ? pause : hint);
    }

    private Task<Reading<T>> Start(Func<Task<Reading<T>>> ask, TimeSpan askTimeout)
    {
        if (_running is null)
        {
            // The answer serves everyone, so it must not be traced and logged as part of the request that happened to ask.
            using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl) : ExecutionContext.SuppressFlow())
            {
                _running = Task.Run(() => AskAsync(ask, askTimeout));
            }
        }

        return _running;
    }

    private async Task<Reading<T>> AskAsync(Func<Task<Reading<T>>> ask, TimeSpan askTimeout)
    {
        Reading<T> reading;
        try
        {
            // The call has bounds of its own; this one is for an app's handler that honours none.
            reading = await ask().WaitAsync(askTimeout, timeProvider).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever goes wrong while asking becomes the answer "unavailable", with the fault in it
        catch (Exception exception)
#pragma warning restore CA1031
        {
            reading = Reading<T>.Unavailable(timeProvider, exception);
        }

        var said = reading.State;
        lock (_gate)
        {
            reading = Confirm(reading);
            _running = null;
            if (reading.State == ReadingState.Unavailable)
            {
                (_failure, _failedAt, _failures) = (reading, timeProvider.GetTimestamp(), _failures + 1);
            }
            else
            {
                (_last, _failure, _failures) = (reading, null, 0);
            }
        }

        // Last: a listener that throws must not leave the question running for ever.
        if (!reading.IsBorrowed)
        {
            onAnswered?.Invoke(said);
        }

        return reading;
    }

    // Where "may not" means going without the limit, one such answer after true figures is a fault until it is repeated.
    private Reading<T> Confirm(Reading<T> reading)
    {
        if (keepRefusalFor is null || reading.State != ReadingState.NotPermitted || _last?.State != ReadingState.Known)
        {
            _wasRefused &= reading.State == ReadingState.Unavailable;
            return reading;
        }

        if (_wasRefused)
        {
            return reading;
        }

        _wasRefused = true;
        return Reading<T>.Unavailable(timeProvider, reading.Fault ?? new InvalidOperationException("A figure that was told before is told no more."));
    }

    private async Task<Reading<T>> WaitAsync(Task<Reading<T>> running, Func<Task<Reading<T>>> ask, Freshness freshness, CancellationToken cancellationToken)
    {
        var since = timeProvider.GetTimestamp();
        try
        {
            var reading = await running.WaitAsync(freshness.Timeout, timeProvider, cancellationToken).ConfigureAwait(false);
            // The question may have been begun for somebody who is content with what another process was told a while ago.
            while (reading.IsBorrowed && !reading.IsYoungerThan(Longest(freshness.MaxAge, reading), timeProvider) && timeProvider.GetElapsedTime(since) is var waited && waited < freshness.Timeout)
            {
                reading = await StartAnew(ask, freshness.AskTimeout).WaitAsync(freshness.Timeout - waited, timeProvider, cancellationToken).ConfigureAwait(false);
            }

            return reading;
        }
        catch (TimeoutException)
        {
            return Reading<T>.Unavailable(timeProvider, new TimeoutException($"OpenRouter did not answer within {freshness.Timeout:c}."));
        }
    }

    private Task<Reading<T>> StartAnew(Func<Task<Reading<T>>> ask, TimeSpan askTimeout)
    {
        lock (_gate)
        {
            return Start(ask, askTimeout);
        }
    }
}
