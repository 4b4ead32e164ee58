namespace OpenRouter.Billing.Guard;

/// <summary>How often the same request came of late, by spender, for as many requests as memory is given to. Its owner locks.</summary>
internal sealed class RepeatCounter
{
    /// <summary>How many requests are told apart. A loop comes back before so many others, so what is forgotten is no loop.</summary>
    public const int MostKept = 4096;

    private readonly Dictionary<(string Spender, long Fingerprint), Repeats> _counts = [];
    private long _uses;

    /// <summary>Gets how many requests are remembered.</summary>
    public int Count => _counts.Count;

    /// <summary>Counts one more.</summary>
    /// <returns>How many there were within the window, this one included.</returns>
    public long Add(string spender, long fingerprint, long now, long window)
    {
        if (!_counts.TryGetValue((spender, fingerprint), out var count) || count.Sum.Window != window)
        {
            MakeRoom(now);
            _counts[(spender, fingerprint)] = count = new Repeats(new SlidingSum(window));
        }

        count.LastUse = ++_uses;
        count.Sum.Add(now, 1);
        return count.Sum.Sum(now);
    }

    public long Peek(string spender, long fingerprint, long now) => _counts.TryGetValue((spender, fingerprint), out var count) ? count.Sum.Sum(now) : 0;

    public void Forget(string spender, long fingerprint) => _counts.Remove((spender, fingerprint));

    public void Clear() => _counts.Clear();

    private void MakeRoom(long now)
    {
        if (_counts.Count < MostKept)
        {
            return;
        }

        foreach (var (key, count) in _counts)
        {
            if (count.Sum.Sum(now) == 0)
            {
                _counts.Remove(key);
            }
        }

        if (_counts.Count >= MostKept)
        {
            // A quarter at once, so that the search for the oldest is not made for each request.
            foreach (var (key, _) in _counts.OrderBy(entry => entry.Value.LastUse).Take(MostKept / 4).ToList())
            {
                _counts.Remove(key);
            }
        }
    }

    private sealed class Repeats(SlidingSum sum)
    {
        public SlidingSum Sum { get; } = sum;

        // By turn and not by time: many come within one tick of the clock.
        public long LastUse { get; set; }
    }
}
