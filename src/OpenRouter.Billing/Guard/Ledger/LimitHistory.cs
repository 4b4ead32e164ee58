namespace OpenRouter.Billing.Guard;

/// <summary>The use of one limit: what is leased, and settled sums in time buckets that grow coarser with age.</summary>
/// <remarks>
/// A bucket that an instant cuts through counts whole, so a sum may be too high by one bucket and never too low. No bucket
/// goes beyond the UTC second, minute, hour or day that it is of, where calendar windows begin. Not safe for concurrent use.
/// </remarks>
internal sealed class LimitHistory
{
    private const int CompactAbove = 512;

    // Longer than any month, so that no calendar window which began before can still be open.
    private const long KeepFor = 40 * TimeSpan.TicksPerDay;

    private readonly List<Bucket> _buckets = [];
    private int _compactAbove = CompactAbove;
    private long _reach;

    /// <summary>Gets or sets what open leases hold.</summary>
    public long Leased { get; set; }

    /// <summary>Gets or sets how many leases may still book here.</summary>
    public int OpenHolds { get; set; }

    /// <summary>Gets or sets what the claims ask for together that are being looked at. Wider than the figures: a sum that wraps around would read as room.</summary>
    public Int128 Wanted { get; set; }

    private Int128 Total => TotalBefore(_buckets.Count);

    /// <summary>Gets in how many pieces the past is kept.</summary>
    public int BucketCount => _buckets.Count;

    /// <summary>Books settled use and returns the instant, in ticks, under which it can be found again.</summary>
    public long Add(long ticks, long amount)
    {
        // A clock that went back books into the newest bucket: later than true, so it counts longer than needed.
        if (_buckets.Count > 0 && ticks < _buckets[^1].End)
        {
            _buckets[^1] = _buckets[^1] with { Total = Total + amount };
            return Math.Max(ticks, _buckets[^1].Start);
        }

        if (_buckets.Count >= _compactAbove)
        {
            Compact(ticks);
        }

        var start = ticks - (ticks % TimeSpan.TicksPerSecond);
        _buckets.Add(new Bucket(start, start + TimeSpan.TicksPerSecond, Total + amount));
        return ticks;
    }

    /// <summary>Takes back what <see cref="Add"/> booked at an instant.</summary>
    public void Remove(long ticks, long amount)
    {
        for (var index = _buckets.FindLastIndex(bucket => bucket.Start <= ticks); index < _buckets.Count; index++)
        {
            _buckets[index] = _buckets[index] with { Total = _buckets[index].Total - amount };
        }
    }

    /// <summary>Notes how far back a claim looks.</summary>
    public void LookedBack(long since, long now) => _reach = Math.Max(_reach, now - since);

    /// <summary>Whether nothing here can count any more: no use at all, or use that is older than claims on this limit look back.</summary>
    public bool IsSpentForGood(long now) => OpenHolds == 0 && (Total == 0 || (_reach < KeepFor && _buckets[^1].End < now - KeepFor));

    /// <summary>Sums what is leased and what was settled since an instant.</summary>
    public Int128 UsedSince(long ticks) => Leased + Total - TotalBefore(FirstSince(ticks));

    /// <summary>Tells what is leased and what was settled since an instant, and when the oldest of it was.</summary>
    public LimitUsage Since(long ticks)
    {
        var first = FirstSince(ticks);
        var before = TotalBefore(first);
        while (first < _buckets.Count && _buckets[first].Total == before)
        {
            first++;
        }

        DateTimeOffset? oldest = first < _buckets.Count ? new DateTimeOffset(_buckets[first].End, TimeSpan.Zero) : null;
        return new LimitUsage((long)Int128.Min(Total - before, long.MaxValue), Leased, oldest);
    }

    // Buckets follow each other in time.
    private int FirstSince(long ticks)
    {
        var (low, high) = (0, _buckets.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_buckets[middle].End > ticks)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private Int128 TotalBefore(int index) => index == 0 ? 0 : _buckets[index - 1].Total;

    private void Compact(long now)
    {
        var kept = 0;
        // By index: the list is written to while it is read.
        for (var index = 0; index < _buckets.Count; index++)
        {
            var bucket = _buckets[index];
            if (kept > 0 && _buckets[kept - 1].End > bucket.Start - (bucket.Start % WidthAt(now - bucket.End)))
            {
                _buckets[kept - 1] = _buckets[kept - 1] with { End = bucket.End, Total = bucket.Total };
            }
            else
            {
                _buckets[kept++] = bucket;
            }
        }

        _buckets.RemoveRange(kept, _buckets.Count - kept);
        // What is left after compacting stays for long: with room for as much again, compacting costs little per booking.
        _compactAbove = Math.Max(CompactAbove, 2 * kept);
    }

    private static long WidthAt(long age) => age switch
    {
        < 2 * TimeSpan.TicksPerMinute => TimeSpan.TicksPerSecond,
        // Longer than a day: a day's window begins one lag before midnight, and an hour of yesterday must not count with it.
        < 26 * TimeSpan.TicksPerHour => TimeSpan.TicksPerMinute,
        < 2 * TimeSpan.TicksPerDay => TimeSpan.TicksPerHour,
        _ => TimeSpan.TicksPerDay,
    };

    // Of all that was ever booked up to its end, so that what a window holds is one difference, however many buckets it has.
    // Wider than what is booked, so that no number of bookings makes it wrap around.
    private readonly record struct Bucket(long Start, long End, Int128 Total);
}
