namespace OpenRouter.Billing.Guard;

/// <summary>The use of one limit: what is leased, and settled sums in time buckets that grow coarser with age.</summary>
/// <remarks>
/// A bucket that an instant cuts through counts whole, so a sum may be too high by one bucket and never too low. Coarse
/// buckets begin and end on UTC minutes, hours and days, where calendar windows do. Not safe for concurrent use.
/// </remarks>
internal sealed class LimitHistory
{
    private const int CompactAbove = 512;

    private static readonly (long MaxAge, long Width)[] Tiers =
    [
        (2 * TimeSpan.TicksPerMinute, TimeSpan.TicksPerSecond),
        (2 * TimeSpan.TicksPerHour, TimeSpan.TicksPerMinute),
        (2 * TimeSpan.TicksPerDay, TimeSpan.TicksPerHour),
        (long.MaxValue, TimeSpan.TicksPerDay),
    ];

    private readonly List<Bucket> _buckets = [];

    /// <summary>Gets or sets what open leases hold.</summary>
    public long Leased { get; set; }

    /// <summary>Books settled use and returns the instant, in ticks, under which it can be found again.</summary>
    public long Add(long ticks, long amount)
    {
        // A clock that went back books into the newest bucket: later than true, so it counts longer than needed.
        if (_buckets.Count > 0 && ticks < _buckets[^1].End)
        {
            _buckets[^1] = _buckets[^1] with { Amount = _buckets[^1].Amount + amount };
            return Math.Max(ticks, _buckets[^1].Start);
        }

        if (_buckets.Count >= CompactAbove)
        {
            Compact(ticks);
        }

        var start = ticks - (ticks % TimeSpan.TicksPerSecond);
        _buckets.Add(new Bucket(start, start + TimeSpan.TicksPerSecond, amount));
        return ticks;
    }

    /// <summary>Takes back what <see cref="Add"/> booked at an instant.</summary>
    public void Remove(long ticks, long amount)
    {
        var index = _buckets.FindLastIndex(bucket => bucket.Start <= ticks);
        _buckets[index] = _buckets[index] with { Amount = _buckets[index].Amount - amount };
    }

    /// <summary>Sums what is leased and what was settled since an instant.</summary>
    public LimitUsage Since(long ticks)
    {
        var settled = 0L;
        long? oldest = null;
        for (var index = _buckets.Count - 1; index >= 0 && _buckets[index].End > ticks; index--)
        {
            settled += _buckets[index].Amount;
            oldest = _buckets[index].Amount > 0 ? _buckets[index].End : oldest;
        }

        return new LimitUsage(settled, Leased, oldest is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null);
    }

    private void Compact(long now)
    {
        var kept = 0;
        foreach (var bucket in _buckets)
        {
            var width = WidthAt(now - bucket.End);
            var start = bucket.Start - (bucket.Start % width);
            var end = Math.Max(bucket.End, start + width);
            if (kept > 0 && _buckets[kept - 1].End > start)
            {
                var previous = _buckets[kept - 1];
                _buckets[kept - 1] = previous with { End = Math.Max(previous.End, end), Amount = previous.Amount + bucket.Amount };
            }
            else
            {
                _buckets[kept++] = new Bucket(start, end, bucket.Amount);
            }
        }

        _buckets.RemoveRange(kept, _buckets.Count - kept);
    }

    private static long WidthAt(long age) => Array.Find(Tiers, tier => age < tier.MaxAge).Width;

    private readonly record struct Bucket(long Start, long End, long Amount);
}
