namespace OpenRouter.Billing.Guard;

/// <summary>One moment by both clocks: the wall's, which limits are written in, and the steady one, which measures.</summary>
/// <param name="Utc">The wall clock.</param>
/// <param name="Timestamp">The steady clock.</param>
internal readonly record struct Instant(DateTimeOffset Utc, long Timestamp)
{
    public static Instant Now(TimeProvider timeProvider) => new(timeProvider.GetUtcNow(), timeProvider.GetTimestamp());

    /// <summary>The moment that lies so far back.</summary>
    public Instant Before(TimeSpan time, TimeProvider timeProvider) =>
        new(Utc - time, Timestamp - (long)((Int128)time.Ticks * timeProvider.TimestampFrequency / TimeSpan.TicksPerSecond));
}
