namespace OpenRouter.Billing.Sql;

/// <summary>How many requests of one shape come, and what they ask for: whether an allowance is worth while, and how large. The allowance locks.</summary>
internal sealed class Demand(AllowanceOptions options, TimeProvider timeProvider)
{
    /// <summary>With so many requests in a second an allowance is worth its round trips; and one for less is not.</summary>
    public const int Few = 8;

    /// <summary>So many spare more than fifty requests each of the two round trips to take an allowance and to book it.</summary>
    private const int Many = 160;

    /// <summary>How often a request asks the shared ledger at most when it has no allowance: to be admitted, and for each unit to be settled.</summary>
    private const int CallsPerRequest = 1 + Units.Count;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // A rate over less than this is none.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.1);

    private long _count;
    private long _since = timeProvider.GetTimestamp();
    private long _last;
    private Units _wanted;
    private long _cost;
    private TimeSpan _answerTime;

    /// <summary>Gets whether enough requests come to make an allowance worth while.</summary>
    public bool IsEnough => _count >= Few;

    /// <summary>Counts a request.</summary>
    public void Add(in Units wanted, long cost, long now)
    {
        (_count, _cost, _last) = (_count + 1, Units.Sum(_cost, cost), now);
        for (var unit = 0; unit < Units.Count; unit++)
        {
            _wanted.Add(unit, wanted[unit]);
        }
    }

    /// <summary>Counts from here.</summary>
    public void Restart(long now) => (_count, _since, _wanted, _cost) = (0, now, default, 0);

    /// <summary>
    /// Whether the count is of a time too long ago. A shared ledger that a fleet asks for each request may be so slow that it
    /// keeps them from coming. They are given as much more time: else no allowance were ever taken, and it would stay that slow.
    /// </summary>
    public bool IsOld(long now) => timeProvider.GetElapsedTime(_since, now) > Longer(Second, Few * CallsPerRequest * _answerTime);

    /// <summary>Whether none has come for a while.</summary>
    public bool IsIdle(long now) => timeProvider.GetElapsedTime(_last, now) >= 2 * Second;

    /// <summary>Remembers how long the shared ledger took to answer.</summary>
    public void Answered(TimeSpan time) => _answerTime = (_answerTime + time) / 2;

    /// <summary>
    /// For how much to ask: the requests of the next second, or for as long as some answers of the shared ledger take, because a
    /// process that dies takes it along; and for more where so few are not worth the round trips.
    /// </summary>
    public Units Size(long now)
    {
        var elapsed = Longer(Moment, timeProvider.GetElapsedTime(_since, now));
        var longest = options.MaxAge / 2;
        var ahead = Longer(Second, Few * _answerTime);
        var requests = Within(ahead < longest ? ahead : longest);
        var worthwhile = Int128.Min(Many, Within(longest));
        return For((long)Int128.Clamp(Int128.Max(requests, worthwhile), Math.Min(2 * Few, options.MaxRequests), options.MaxRequests));

        Int128 Within(TimeSpan time) => (Int128)_count * time.Ticks / elapsed.Ticks;
    }

    /// <summary>What so many requests ask for together.</summary>
    public Units For(long requests)
    {
        var units = default(Units);
        for (var unit = 0; unit < Units.Count; unit++)
        {
            units[unit] = Units.Times(Each(unit), requests);
        }

        return units;
    }

    /// <summary>What one request asks for, rounded up.</summary>
    public long Each(int unit) => _count == 0 ? 0 : (long)(((Int128)_wanted[unit] + _count - 1) / _count);

    /// <summary>What the requests that this is for would be booked with if none were settled, in nano-dollars.</summary>
    public long CostOf(in Units extra)
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if (extra[unit] > 0 && Each(unit) > 0)
            {
                return Units.Times(_cost / _count, extra[unit] / Each(unit));
            }
        }

        return 0;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
