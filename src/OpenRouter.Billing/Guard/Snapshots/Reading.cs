namespace OpenRouter.Billing.Guard;

/// <summary>One figure as it was when last asked for.</summary>
/// <typeparam name="T">The figure.</typeparam>
internal sealed record Reading<T>
    where T : class
{
    // More than the wall clock may drift from the steady one between two looks: then it was set.
    private static readonly TimeSpan ClockWasSet = TimeSpan.FromSeconds(5);

    private long _askedTimestamp;

    private Reading()
    {
    }

    public required ReadingState State { get; init; }

    /// <summary>Gets when the question was sent: whatever was booked before is in the figure.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>Gets whether another process asked, and not this one.</summary>
    public bool IsBorrowed { get; init; }

    public T? Value { get; private init; }

    public Exception? Fault { get; private init; }

    public static Reading<T> Known(T value, Instant askedAt) => At(ReadingState.Known, askedAt, value, null);

    public static Reading<T> NotPermitted(Instant askedAt, Exception? fault = null) => At(ReadingState.NotPermitted, askedAt, null, fault);

    public static Reading<T> Unavailable(Instant askedAt, Exception fault) => At(ReadingState.Unavailable, askedAt, null, fault);

    public static Reading<T> Unavailable(TimeProvider timeProvider, Exception fault) => Unavailable(Instant.Now(timeProvider), fault);

    /// <summary>How long ago the question was sent.</summary>
    public TimeSpan AgeAt(long timestamp, TimeProvider timeProvider) => timeProvider.GetElapsedTime(_askedTimestamp, timestamp);

    /// <summary>The same question, answered with "may not".</summary>
    public Reading<T> AsNotPermitted() => this with { State = ReadingState.NotPermitted, Value = null };

    public bool IsYoungerThan(TimeSpan age, TimeProvider timeProvider) => IsYoungerThan(age, Instant.Now(timeProvider), timeProvider);

    /// <summary>Whether the figure is young enough. One from before the wall clock was set is not: nothing that was booked since can be told from what it holds.</summary>
    public bool IsYoungerThan(TimeSpan age, Instant now, TimeProvider timeProvider)
    {
        var steady = AgeAt(now.Timestamp, timeProvider);
        var drift = now.Utc - AskedAt - steady;
        return steady <= age && drift.Duration() < ClockWasSet;
    }

    private static Reading<T> At(ReadingState state, Instant askedAt, T? value, Exception? fault) =>
        new() { State = state, AskedAt = askedAt.Utc, _askedTimestamp = askedAt.Timestamp, Value = value, Fault = fault };
}
