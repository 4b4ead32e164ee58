namespace OpenRouter.Billing.Guard;

/// <summary>How long own spending takes to show in one of OpenRouter's counters, learned from what the counter says. Safe for concurrent use.</summary>
/// <remarks>
/// A counter that only grows is the sum of own spending that shows and of what others spent. Own spending older than the upper
/// bound shows for certain; what the counter holds beyond it is therefore the most that others can have spent until then. As
/// long as this stays the same from one look to a later one, nobody else has spent between them, and whatever the counter
/// held more was own spending: only then are the looks between taken for evidence. So others can never make own spending
/// seem to show. Anything that does not add up to the nano-dollar puts the lag back to the upper bound.
/// </remarks>
internal sealed class LearnedLag(TimeProvider timeProvider)
{
    private const int MaxBookings = 2048;
    private const int MaxLooks = 64;

    // A cost beyond it is nobody's. It will not add up, and must not make the sums pass what they can hold.
    private const decimal MostThatCounts = 1_000_000_000m;

    private readonly object _gate = new();
    private readonly List<Booking> _bookings = [];
    private readonly Queue<Sight> _looks = [];
    private readonly LagEvidence _evidence = new();
    private decimal _booked;
    private decimal _forgotten;
    private decimal? _others;
    private long _lastLook;
    private long _learned = long.MaxValue;

    /// <summary>Gets the lag to reckon with.</summary>
    public TimeSpan Within(BillingGuardOptions options)
    {
        var learned = Volatile.Read(ref _learned);
        return learned >= options.SettlementLag.Ticks ? options.SettlementLag
            : learned <= options.LeastSettlementLag.Ticks ? options.LeastSettlementLag
            : TimeSpan.FromTicks(learned);
    }

    /// <summary>Takes in what a request has cost, in US dollars.</summary>
    public void Spent(decimal cost)
    {
        lock (_gate)
        {
            var now = timeProvider.GetUtcNow().UtcTicks;
            if (_bookings.Count == MaxBookings || (_bookings.Count > 0 && now < _bookings[^1].At))
            {
                Forget();
            }

            // What was booked before the first look will look like somebody else's.
            if (_others is not null)
            {
                cost = Math.Min(cost, MostThatCounts);
                _booked += cost;
                _bookings.Add(new Booking(now, cost, _booked));
            }
        }
    }

    /// <summary>Takes in what the counter said, in US dollars.</summary>
    public void Read(decimal counter, DateTimeOffset askedAt, BillingGuardOptions options)
    {
        lock (_gate)
        {
            var at = askedAt.UtcTicks;
            var certain = at - options.SettlementLag.Ticks;
            if (options.LeastSettlementLag >= options.SettlementLag || at < _lastLook)
            {
                Forget();
            }

            _lastLook = at;
            if (options.LeastSettlementLag < options.SettlementLag)
            {
                Look(counter, at, certain, options);
            }
        }
    }

    private void Look(decimal counter, long at, long certain, BillingGuardOptions options)
    {
        var shown = _bookings.FindIndex(booking => booking.At > certain) is >= 0 and var index ? index : _bookings.Count;
        var mostOfOthers = counter - SumOf(shown);
        if (_others is not { } others || !AddsUp() || mostOfOthers <= others - NanoDollars.One)
        {
            StartOver(mostOfOthers, shown);
            return;
        }

        _looks.Enqueue(new Sight(at, certain, counter - others));
        if (mostOfOthers < others + NanoDollars.One)
        {
            Believe(certain, options);
        }
        else
        {
            Doubt();
        }

        Lengthen();
        Drop(Math.Min(shown, CountIn(_looks.Min(look => look.Shown))));
    }

    // Only of the look before: requests that ran while the counter was read may be in it, though they are booked later.
    private bool AddsUp() => _looks.Count == 0 || Math.Abs(SumOf(CountIn(_looks.Last().Shown)) - _looks.Last().Shown) < NanoDollars.One;

    private void Forget()
    {
        _others = null;
        _booked = _forgotten = 0;
        _bookings.Clear();
        StartOver(null, 0);
    }

    private void StartOver(decimal? others, int shown)
    {
        _others = others;
        _looks.Clear();
        _evidence.Clear();
        Volatile.Write(ref _learned, long.MaxValue);
        Drop(shown);
    }

    private void Drop(int count)
    {
        _forgotten = SumOf(count);
        _bookings.RemoveRange(0, count);
    }

    // A lag that proves longer counts at once, whoever may have spent: that is the safe side. It covers what is missing in
    // the very figures that are about to be used.
    private void Lengthen()
    {
        var learned = Volatile.Read(ref _learned);
        if (learned < long.MaxValue)
        {
            Volatile.Write(ref _learned, Math.Max(learned, LagEvidence.SafetyFactor * OldestMissing(_looks.Last())));
        }
    }

    private void Doubt()
    {
        while (_looks.Count > MaxLooks || (_looks.Count > 1 && _bookings.Count > MaxBookings / 2))
        {
            // Never to be believed, but what was missing then is remembered.
            _evidence.Add(OldestMissing(_looks.Peek()), []);
            Drop(Math.Min(CountIn(_looks.Dequeue().Shown), CountIn(_looks.Min(look => look.Shown))));
        }
    }

    // Others' spending that one look saw may be late in another, but not later than the bound either.
    private void Believe(long certain, BillingGuardOptions options)
    {
        var first = 0;
        var isNew = false;
        while (_looks.TryPeek(out var look) && look.At <= certain)
        {
            _looks.Dequeue();
            var end = Math.Max(first, CountIn(look.Shown));
            isNew |= _evidence.Add(OldestMissing(look), [.. _bookings.Take(first..end).Select(booking => Math.Max(0, look.At - booking.At))]);
            first = end;
        }

        if (isNew)
        {
            Volatile.Write(ref _learned, _evidence.Estimate(Math.Min(Volatile.Read(ref _learned), options.SettlementLag.Ticks)) ?? long.MaxValue);
        }
    }

    // Costs may show in another order than they were booked in: of equal ones it is the oldest that may be missing.
    private long OldestMissing(Sight look)
    {
        var missing = new HashSet<decimal>();
        for (var index = CountIn(look.Shown); index < _bookings.Count && _bookings[index].At < look.At; index++)
        {
            missing.Add(_bookings[index].Cost);
        }

        return missing.Count == 0 ? 0 : look.At - _bookings.Find(booking => booking.At > look.Certain && missing.Contains(booking.Cost)).At;
    }

    private decimal SumOf(int count) => count == 0 ? _forgotten : _bookings[count - 1].Sum;

    // How many bookings a sum holds.
    private int CountIn(decimal sum) => _bookings.FindIndex(booking => booking.Sum >= sum + NanoDollars.One) is >= 0 and var index ? index : _bookings.Count;

    private readonly record struct Booking(long At, decimal Cost, decimal Sum);

    private readonly record struct Sight(long At, long Certain, decimal Shown);
}
