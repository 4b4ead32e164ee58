namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>The system's clock, so many times as fast.</summary>
public sealed class FastTimeProvider(int times) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _started = System.GetTimestamp();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_started) * times);

    public override long GetTimestamp() => _started + ((System.GetTimestamp() - _started) * times);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Shorten(dueTime), Shorten(period));

    private TimeSpan Shorten(TimeSpan time) => time > TimeSpan.Zero ? time / times : time;
}
