namespace OpenRouter.Billing.Guard;

/// <summary>A sum over the last stretch of time, in slices of an eighth: it forgets too late, never too early. Its owner locks.</summary>
/// <param name="window">The stretch, in ticks.</param>
internal sealed class SlidingSum(long window)
{
    private const int Slices = 8;

    // One more than the window has: the oldest slice counts until all of it is out.
    private readonly long[] _sums = new long[Slices + 1];
    private long _newest;

    /// <summary>Gets the stretch, in ticks.</summary>
    public long Window => window;

    /// <summary>Gets when something was added last, in ticks.</summary>
    public long LastAt { get; private set; }

    public void Add(long now, long amount)
    {
        Slide(now);
        LastAt = now;
        ref var sum = ref _sums[_newest % _sums.Length];
        sum = (long)Int128.Min(long.MaxValue, (Int128)sum + amount);
    }

    public long Sum(long now)
    {
        Slide(now);
        Int128 sum = 0;
        foreach (var slice in _sums)
        {
            sum += slice;
        }

        return (long)Int128.Min(long.MaxValue, sum);
    }

    public void Clear() => Array.Clear(_sums);

    private void Slide(long now)
    {
        var slice = (long)((Int128)now * Slices / window);
        if (slice - _newest >= _sums.Length)
        {
            Clear();
        }
        else
        {
            for (var next = _newest + 1; next <= slice; next++)
            {
                _sums[next % _sums.Length] = 0;
            }
        }

        _newest = Math.Max(_newest, slice);
    }
}
