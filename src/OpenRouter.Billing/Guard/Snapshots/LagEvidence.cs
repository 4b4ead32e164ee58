namespace OpenRouter.Billing.Guard;

/// <summary>What the latest looks at a counter proved about its lag. Not safe for concurrent use.</summary>
internal sealed class LagEvidence
{
    /// <summary>By how much the true lag may be longer than what was seen of it.</summary>
    public const int SafetyFactor = 2;

    private const int KeptLooks = 32;
    private const int LeastLooks = 10;
    private const int LeastBookings = 20;

    private readonly Queue<(long Missing, long[] Shown)> _looks = [];

    public void Clear() => _looks.Clear();

    /// <summary>Adds a look.</summary>
    /// <param name="missing">The age of the oldest booking that did not show, in ticks; 0 when all did.</param>
    /// <param name="shown">The ages of the bookings that showed for the first time, in ticks.</param>
    /// <returns>Whether it proves anything: with nothing to be seen it does not.</returns>
    public bool Add(long missing, long[] shown)
    {
        if (missing == 0 && shown.Length == 0)
        {
            return false;
        }

        if (_looks.Count == KeptLooks)
        {
            _looks.Dequeue();
        }

        _looks.Enqueue((missing, shown));
        return true;
    }

    /// <summary>Estimates the lag, in ticks; null when too little was seen.</summary>
    /// <param name="now">The lag that holds now: the new one is at least half of it, so that it becomes short only slowly.</param>
    public long? Estimate(long now) => AgeAtWhichEnoughShowed() is { } shown
        ? Math.Max(now / 2, SafetyFactor * Math.Max(shown, _looks.Max(look => look.Missing)))
        : null;

    // That nothing older was seen missing counts only as far as something that young was seen to show.
    private long? AgeAtWhichEnoughShowed()
    {
        var looks = new HashSet<int>();
        var bookings = 0;
        foreach (var (age, look) in _looks.SelectMany((look, index) => look.Shown.Select(age => (age, index))).Order())
        {
            looks.Add(look);
            if (++bookings >= LeastBookings && looks.Count >= LeastLooks)
            {
                return age;
            }
        }

        return null;
    }
}
