namespace OpenRouter.Billing.Guard;

/// <summary>One figure as it was when last asked for.</summary>
/// <typeparam name="T">The figure.</typeparam>
internal sealed record Reading<T>
    where T : class
{
    private Reading()
    {
    }

    public required ReadingState State { get; init; }

    /// <summary>Gets when the question was sent: whatever was booked before is in the figure.</summary>
    public required DateTimeOffset AskedAt { get; init; }

    public T? Value { get; private init; }

    public Exception? Fault { get; private init; }

    public static Reading<T> Known(T value, DateTimeOffset askedAt) => new() { State = ReadingState.Known, Value = value, AskedAt = askedAt };

    public static Reading<T> NotPermitted(DateTimeOffset askedAt, Exception? fault = null) =>
        new() { State = ReadingState.NotPermitted, AskedAt = askedAt, Fault = fault };

    public static Reading<T> Unavailable(DateTimeOffset askedAt, Exception fault) =>
        new() { State = ReadingState.Unavailable, AskedAt = askedAt, Fault = fault };
}
