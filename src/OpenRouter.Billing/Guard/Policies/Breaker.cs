namespace OpenRouter.Billing.Guard;

/// <summary>The brake of one spender: off, on, or half open. Its owner locks.</summary>
internal sealed class Breaker(long window)
{
    private long _halfOpenAt;
    private long _endsAt;

    /// <summary>Gets the trip that it is on for; null when it is off.</summary>
    public BrakeTrip? Trip { get; private set; }

    /// <summary>Gets which trip it is, so that a probe of an earlier one is none of this.</summary>
    public long Generation { get; private set; }

    /// <summary>Gets how many probes of this trip are under way or over.</summary>
    public int ProbesTaken { get; set; }

    /// <summary>Gets what was spent within the window, in nano-dollars.</summary>
    public SlidingSum Spent { get; } = new(window);

    public bool IsOn(long now) => Trip is not null && now < _halfOpenAt;

    public bool IsHalfOpen(long now) => Trip is not null && !IsOn(now);

    /// <summary>Takes in that time has gone on.</summary>
    public void Tick(long now)
    {
        if (Trip is not null && now >= _endsAt)
        {
            Trip = null;
        }
    }

    /// <summary>Puts it on, or keeps it on for longer.</summary>
    /// <returns>Whether this is news.</returns>
    public bool PutOn(BrakeTrip trip, long now, long generation)
    {
        var isNews = !IsOn(now);
        Trip = trip;
        _halfOpenAt = now + (trip.HalfOpenAt - trip.TrippedAt).Ticks;
        _endsAt = now + (trip.EndsAt - trip.TrippedAt).Ticks;
        Generation = generation;
        ProbesTaken = 0;
        // What was spent before is what it tripped for; what comes now says whether it goes on.
        Spent.Clear();
        return isNews;
    }
}
