namespace OpenRouter.Billing.Benchmarks;

/// <summary>A clock that stands still between its steps.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Step(TimeSpan time) => _passed += time;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero) + _passed;

    public override long GetTimestamp() => _passed.Ticks;
}
