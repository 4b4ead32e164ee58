namespace OpenRouter.Billing.Guard;

/// <summary>One figure, asked for once at a time however many want it, and again in the background before it is too old.</summary>
/// <remarks>
/// The question is nobody's in particular: a caller that gives up, or waits no longer, does not end it for the others.
/// </remarks>
/// <param name="timeProvider">The clock.</param>
/// <param name="keepRefusalFor">How long "may not" holds before it is asked again; null for as long as any other figure.</param>
internal sealed class SharedReading<T>(TimeProvider timeProvider, TimeSpan? keepRefusalFor = null)
    where T : class
{
    // After a failure the next question waits this long, so that an outage is not answered with a storm.
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    private static readonly TimeoutException NothingCame = new("No figure has come yet.");

    private readonly object _gate = new();
    private Reading<T>? _last;
    private Reading<T>? _failure;
    private Task<Reading<T>>? _running;

    /// <summary>Gets what is known now, without asking.</summary>
    public Reading<T> Peek()
    {
        lock (_gate)
        {
            return _last ?? _failure ?? Reading<T>.Unavailable(timeProvider.GetUtcNow(), NothingCame);
        }
    }

    /// <summary>Gets the figure, at most as old as asked for; waits only when there is none such.</summary>
    public ValueTask<Reading<T>> GetAsync(Func<Task<Reading<T>>> ask, Freshness freshness, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = timeProvider.GetUtcNow();
            if (_last is { } last && now - last.AskedAt <= Longest(freshness.MaxAge, last))
            {
                if (now - last.AskedAt > Longest(freshness.RefreshAfter, last) && !IsPausing(now))
                {
                    Start(ask);
                }

                return ValueTask.FromResult(last);
            }

            if (_running is null && IsPausing(now))
            {
                return ValueTask.FromResult(_failure!);
            }

            return new ValueTask<Reading<T>>(WaitAsync(Start(ask), freshness.Timeout, cancellationToken));
        }
    }

    private TimeSpan Longest(TimeSpan usual, Reading<T> last) =>
        last.State == ReadingState.NotPermitted && keepRefusalFor is { } longer ? longer : usual;

    private bool IsPausing(DateTimeOffset now) => _failure is { } failure && now - failure.AskedAt < FailurePause;

    private Task<Reading<T>> Start(Func<Task<Reading<T>>> ask)
    {
        if (_running is null)
        {
            // The answer serves everyone, so it must not be traced and logged as part of the request that happened to ask.
            using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl) : ExecutionContext.SuppressFlow())
            {
                _running = Task.Run(() => AskAsync(ask));
            }
        }

        return _running;
    }

    private async Task<Reading<T>> AskAsync(Func<Task<Reading<T>>> ask)
    {
        Reading<T> reading;
        try
        {
            reading = await ask().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // whatever goes wrong while asking becomes the answer "unavailable", with the fault in it
        catch (Exception exception)
#pragma warning restore CA1031
        {
            reading = Reading<T>.Unavailable(timeProvider.GetUtcNow(), exception);
        }

        lock (_gate)
        {
            _running = null;
            _failure = reading.State == ReadingState.Unavailable ? reading with { AskedAt = timeProvider.GetUtcNow() } : null;
            _last = reading.State == ReadingState.Unavailable ? _last : reading;
        }

        return reading;
    }

    private async Task<Reading<T>> WaitAsync(Task<Reading<T>> running, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await running.WaitAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            return Reading<T>.Unavailable(timeProvider.GetUtcNow(), exception);
        }
    }
}
