using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>What a process may admit, to requests of one shape, without asking the shared ledger. Safe for concurrent use.</summary>
/// <remarks>
/// On the shared ledger it is one lease with the claims of the requests at larger amounts, so that all others count it as held.
/// Whatever requests hold and have used here is within these amounts. To book what was used, another lease is taken first,
/// which holds at least what the running requests hold, and then the old one is settled with what was used: so at no moment
/// less is held on the shared ledger than is used or held here. The shared ledger has proved the claims when it granted the
/// lease; a request whose figures are newer is admitted only after they are proved, too.
/// </remarks>
internal sealed class Allowance(int number, Shape shape, AllowanceOptions options, TimeProvider timeProvider)
{
    /// <summary>With so many requests in a second an allowance is worth its round trips; and one for less is not.</summary>
    private const int Few = 8;

    /// <summary>How often a request asks the shared ledger at most when it has no allowance: to be admitted, and for each unit to be settled.</summary>
    private const int CallsPerRequest = 1 + Units.Count;

    /// <summary>Of what is free on a limit, an allowance is at most this part.</summary>
    private const int Share = 16;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // A rate over less than this is none.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.1);

    // Requests that read the clock a moment before the one that had its claims proved.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly bool _isPlain = shape.IsPlain;
    private readonly Dictionary<uint, LocalLease> _leases = [];
    private readonly LinkedList<LocalLease> _byDeadline = [];
    private readonly List<Closing> _closings = [];
    private readonly LimitClaim[] _claims = [.. shape.Claims];
    private readonly long[] _proved = new long[shape.Claims.Count];
    private readonly DateTimeOffset[] _provedSince = new DateTimeOffset[shape.Claims.Count];
    private readonly int _claimed = shape.Claims.Aggregate(0, (bits, claim) => bits | (1 << (int)claim.Unit));
    private TaskCompletionSource? _renewing;
    private LeaseId? _lease;
    private long _takenAt;
    private Units _taken;
    private Units _extra;
    private Units _ceiling;
    private bool _hasCeiling;
    private Units _held;
    private Units _used;
    private long _heldCost;
    private long _booked;
    private uint _lastLease;

    // How long the shared ledger took to decide about a request, lately.
    private TimeSpan _answerTime;

    // Of the requests since the allowance was taken, or lately without one.
    private long _count;
    private long _countedSince = timeProvider.GetTimestamp();
    private Units _wanted;
    private long _wantedCost;
    private long _lastAdmission;
    private long _tightSince;
    private bool _isTight;

    /// <summary>Gets what its leases' identities name it by.</summary>
    public int Number => number;

    public Shape Shape => shape;

    /// <summary>Gets whether the shared ledger holds something for it, or still has to hear what was used.</summary>
    public bool IsHolding
    {
        get
        {
            lock (_gate)
            {
                return _lease is not null || _closings.Count > 0;
            }
        }
    }

    /// <summary>Gets whether nothing would be lost with it.</summary>
    public bool IsForgettable
    {
        get
        {
            lock (_gate)
            {
                return _lease is null && _closings.Count == 0 && _leases.Count == 0 && _renewing is null && timeProvider.GetElapsedTime(_countedSince) > Second;
            }
        }
    }

    private int Settled => _claimed | (shape.Labels is null ? 0 : (1 << (int)LimitUnit.UsDollars) | (1 << (int)LimitUnit.UsDollarsWithByok));

    /// <summary>Admits a request, if the allowance covers it and its claims are proved; else says where to go.</summary>
    public Way TryAdmit(in Order order, out uint lease)
    {
        lease = 0;
        var claims = Shape.AsSpan(order.Claims);
        if (!_isPlain || Settled == 0 || !TryMeasure(claims, out var wanted))
        {
            return Way.Shared;
        }

        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            if (_lease is null)
            {
                return Notice(claims, wanted, order.ClaimedCost, now) && !IsTight(now) ? Way.SharedAndRenew : Way.Shared;
            }

            if (!IsAsOldAsProved(claims))
            {
                return Way.Shared;
            }

            Count(wanted, order.ClaimedCost);
            _lastAdmission = now;
            if (IsStale(now) || !IsProved(claims) || !Covers(wanted))
            {
                return IsTight(now) ? Way.Shared : Way.Renew;
            }

            lease = Admit(wanted, order, now);
            return IsLow() && _renewing is null && !IsTight(now) ? Way.HereAndRenew : Way.Here;
        }
    }

    /// <summary>Remembers how long the shared ledger took to decide about a request.</summary>
    public void Answered(TimeSpan time)
    {
        lock (_gate)
        {
            _answerTime = (_answerTime + time) / 2;
        }
    }

    /// <summary>Replaces what a lease holds by what was used. Returns the lease when it was the last of its units.</summary>
    public LocalLease? Settle(uint lease, LimitUnit unit, long amount, out bool isOverdrawn)
    {
        lock (_gate)
        {
            isOverdrawn = false;
            var bit = 1 << (int)unit;
            if (!_leases.TryGetValue(lease, out var held) || (held.Open & bit) == 0)
            {
                return null;
            }

            Use(held, (int)unit, amount);
            isOverdrawn = (_claimed & bit) != 0 && _taken[(int)unit] - _held[(int)unit] < _used[(int)unit];
            return held.Open == 0 ? Forget(held) : null;
        }
    }

    /// <summary>Gives back what a lease still holds. Returns the lease.</summary>
    public LocalLease? Release(uint lease)
    {
        lock (_gate)
        {
            if (!_leases.TryGetValue(lease, out var held))
            {
                return null;
            }

            for (var unit = 0; unit < Units.Count; unit++)
            {
                _held[unit] -= (held.Open & (1 << unit)) != 0 ? held.Held[unit] : 0;
            }

            return Forget(held);
        }
    }

    /// <summary>Takes for spent what was not settled in time. Returns the leases.</summary>
    public IReadOnlyList<LocalLease> Expire()
    {
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            if (_byDeadline.First?.Value.Deadline > now || _byDeadline.Count == 0)
            {
                return [];
            }

            var expired = new List<LocalLease>();
            while (_byDeadline.First?.Value is { } held && held.Deadline <= now)
            {
                for (var unit = 0; unit < Units.Count; unit++)
                {
                    if ((held.Open & (1 << unit)) != 0)
                    {
                        Use(held, unit, (_claimed & (1 << unit)) != 0 ? held.Held[unit] : held.ClaimedCost);
                    }
                }

                expired.Add(Forget(held));
            }

            return expired;
        }
    }

    /// <summary>Joins the renewal that runs, or begins one: then whoever began it is the one to end it.</summary>
    public Task JoinRenewal(out bool isBegun)
    {
        lock (_gate)
        {
            isBegun = _renewing is null;
            return (_renewing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends the renewal.</summary>
    public void EndRenewal()
    {
        TaskCompletionSource? renewing;
        lock (_gate)
        {
            _hasCeiling = false;
            (renewing, _renewing) = (_renewing, null);
        }

        renewing?.SetResult();
    }

    /// <summary>Remembers the figures that a renewal is to be proved by: those of the request that needs it.</summary>
    public void Renew(IReadOnlyList<LimitClaim> claims)
    {
        lock (_gate)
        {
            for (var index = 0; index < _claims.Length; index++)
            {
                _claims[index] = claims[index];
            }
        }
    }

    /// <summary>For how much to ask beyond what running requests hold: as many requests as there will be while it is not too old.</summary>
    public Units Size(bool grows)
    {
        var size = default(Units);
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            if (!grows || IsTight(now) || _count == 0)
            {
                return size;
            }

            var elapsed = timeProvider.GetElapsedTime(_countedSince, now);
            var perAge = (long)Math.Min(options.MaxRequests, _count * (options.MaxAge / 2 / (elapsed > Moment ? elapsed : Moment)));
            var requests = Math.Clamp(perAge, Math.Min(2 * Few, options.MaxRequests), options.MaxRequests);
            for (var unit = 0; unit < Units.Count; unit++)
            {
                size[unit] = Times(Each(unit), requests);
            }

            return size;
        }
    }

    /// <summary>Makes the order for another allowance; null when nothing is to be held. No more is admitted meanwhile than it will cover.</summary>
    public Draft? Plan(Units extra, bool grows)
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            var amounts = _held;
            var isAnything = _leases.Count > 0 || (_claimed == 0 && grows);
            for (var unit = 0; unit < Units.Count; unit++)
            {
                amounts.Add(unit, extra[unit]);
                isAnything |= extra[unit] > 0;
            }

            (_ceiling, _hasCeiling) = (amounts, true);
            // Held already, and to be held on: that is no question of room.
            var isForced = IsStale(now) && IsNothing(extra);
            return isAnything ? new Draft(new Order(Claims(amounts, extra, isForced), options.LeaseDuration, shape.Labels, Sum(_heldCost, Times(EachCost(), RequestsIn(extra)))), amounts, extra, now) : null;
        }
    }

    /// <summary>Puts a granted allowance, or none, in the place of the one before, which is to be settled then.</summary>
    public void Replace(LeaseId? lease, Draft? draft)
    {
        lock (_gate)
        {
            if (_lease is { } old)
            {
                _closings.Add(new Closing(old, _used, _booked));
                (_used, _booked) = (default, 0);
            }

            (_lease, _taken, _extra, _takenAt) = (lease, draft?.Amounts ?? default, draft?.Extra ?? default, draft?.AskedAt ?? 0);
            (_count, _countedSince, _wanted, _wantedCost) = (0, timeProvider.GetTimestamp(), default, 0);
            for (var index = 0; index < _proved.Length; index++)
            {
                _proved[index] = draft?.Order.Claims[index].Capacity ?? long.MinValue;
                _provedSince[index] = draft?.Order.Claims[index].Since ?? default;
            }
        }
    }

    /// <summary>How much less to ask for, by what the shared ledger has said; nothing when it is not worth while.</summary>
    public Units Smaller(Draft draft, IReadOnlyList<LimitUsage> usage)
    {
        lock (_gate)
        {
            var requests = long.MaxValue;
            for (var index = 0; index < _claims.Length; index++)
            {
                var unit = (int)_claims[index].Unit;
                if (Each(unit) is > 0 and var each)
                {
                    var room = (Int128)_claims[index].Capacity - usage[index].Settled - usage[index].Leased - _held[unit];
                    requests = (long)Int128.Clamp(room / Share / each, 0, requests);
                }
            }

            var smaller = default(Units);
            if (requests >= Few / 2 && Each(0) + Each(1) + Each(2) > 0)
            {
                for (var unit = 0; unit < Units.Count; unit++)
                {
                    smaller[unit] = Math.Min(draft.Extra[unit] / 2, Times(Each(unit), requests));
                }
            }

            return smaller;
        }
    }

    /// <summary>Leaves it to the shared ledger for a while: limits are close, or it does not answer.</summary>
    public void Tighten()
    {
        lock (_gate)
        {
            (_isTight, _tightSince) = (true, timeProvider.GetTimestamp());
        }
    }

    public IReadOnlyList<Closing> Closings()
    {
        lock (_gate)
        {
            return [.. _closings];
        }
    }

    public void Closed(Closing closing)
    {
        lock (_gate)
        {
            _closings.Remove(closing);
        }
    }

    /// <summary>Whether it is time to book what was used, to give back what nobody uses, or to hold on longer what runs.</summary>
    public bool NeedsTending(out bool grows)
    {
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            var isIdle = timeProvider.GetElapsedTime(_lastAdmission, now) >= 2 * Second;
            grows = !isIdle;
            return _closings.Count > 0
                || (_lease is not null && (IsStale(now)
                    || (isIdle && (HasFree() || HasUsed()))
                    || (timeProvider.GetElapsedTime(_takenAt, now) >= options.MaxAge && (HasUsed() || HasFree()))));
        }
    }

    /// <summary>Whether something is free here that the limit lacks elsewhere.</summary>
    public bool HasFreeOn(string limit)
    {
        lock (_gate)
        {
            return _lease is not null && HasFree() && Array.Exists(_claims, claim => claim.Limit == limit);
        }
    }

    /// <summary>Tells, of what the shared ledger counts as held on a limit, how much is only reserved and how much is used.</summary>
    public (long Reserved, long Used) StandingOn(string limit)
    {
        lock (_gate)
        {
            return _lease is not null && Array.FindIndex(_claims, claim => claim.Limit == limit) is >= 0 and var index && _claims[index].Unit is var unit
                ? (_taken.Of(unit) - _held.Of(unit), _used.Of(unit))
                : default;
        }
    }

    private static bool IsNothing(in Units units) => units[0] == 0 && units[1] == 0 && units[2] == 0;

    // All claims of one unit are settled with one amount; a request that costs nothing claims a billionth on some of them.
    private static bool TryMeasure(ReadOnlySpan<LimitClaim> claims, out Units wanted)
    {
        wanted = default;
        var seen = 0;
        foreach (ref readonly var claim in claims)
        {
            var (unit, bit) = ((int)claim.Unit, 1 << (int)claim.Unit);
            if (claim.Amount < 0 || ((seen & bit) != 0 && Math.Abs(claim.Amount - wanted[unit]) > 1))
            {
                return false;
            }

            wanted[unit] = Math.Max(wanted[unit], claim.Amount);
            seen |= bit;
        }

        return true;
    }

    private static long Times(long amount, long count) => amount > 0 && count > long.MaxValue / amount ? long.MaxValue : amount * count;

    private static long Sum(long one, long other) => other > long.MaxValue - one ? long.MaxValue : one + other;

    // Whether enough requests come to make an allowance worth while. Where the shared ledger is so slow that it keeps them from
    // coming, as one does that a fleet asks for each request, they have as much more time: else it would stay that slow.
    private bool Notice(ReadOnlySpan<LimitClaim> claims, in Units wanted, long cost, long now)
    {
        var slow = Few * CallsPerRequest * _answerTime;
        if (timeProvider.GetElapsedTime(_countedSince, now) > (slow > Second ? slow : Second))
        {
            (_count, _countedSince, _wanted, _wantedCost) = (0, now, default, 0);
        }

        Count(wanted, cost);
        _lastAdmission = now;
        claims.CopyTo(_claims);
        return _count >= Few && _renewing is null;
    }

    private void Count(in Units wanted, long cost)
    {
        _count++;
        _wantedCost = Sum(_wantedCost, cost);
        for (var unit = 0; unit < Units.Count; unit++)
        {
            _wanted.Add(unit, wanted[unit]);
        }
    }

    private uint Admit(in Units wanted, in Order order, long now)
    {
        var lease = new LocalLease { Number = ++_lastLease, Deadline = Later(now, order.Duration), ClaimedCost = order.ClaimedCost, Open = Settled };
        lease.Held = wanted;
        for (var unit = 0; unit < Units.Count; unit++)
        {
            _held[unit] += wanted[unit];
        }

        _heldCost = Sum(_heldCost, order.ClaimedCost);
        _leases.Add(lease.Number, lease);
        lease.Node = _byDeadline.AddLast(lease);
        return lease.Number;
    }

    private long Later(long now, TimeSpan duration) =>
        (long)Int128.Min(long.MaxValue, now + ((Int128)duration.Ticks * timeProvider.TimestampFrequency / TimeSpan.TicksPerSecond));

    private void Use(LocalLease held, int unit, long amount)
    {
        held.Open &= ~(1 << unit);
        _held[unit] -= held.Held[unit];
        _used.Add(unit, amount);
        held.Spent[unit] = amount;
        if (shape.Labels is not null && unit != (int)LimitUnit.Requests && !held.IsBooked)
        {
            held.IsBooked = true;
            _booked++;
        }
    }

    private LocalLease Forget(LocalLease held)
    {
        _leases.Remove(held.Number);
        _byDeadline.Remove(held.Node!);
        _heldCost = Math.Max(0, _heldCost - held.ClaimedCost);
        return held;
    }

    // Figures that are older than those which were proved are for the shared ledger to judge.
    private bool IsAsOldAsProved(ReadOnlySpan<LimitClaim> claims)
    {
        for (var index = 0; index < claims.Length; index++)
        {
            if (claims[index].Since < _provedSince[index])
            {
                return false;
            }
        }

        return true;
    }

    // A window that slides holds less and less of what it held when it was proved. Everything else is proved by its own figures.
    private bool IsProved(ReadOnlySpan<LimitClaim> claims)
    {
        for (var index = 0; index < claims.Length; index++)
        {
            ref readonly var claim = ref claims[index];
            if (claim.Capacity < _proved[index] || (claim.Window is null && claim.Since != _provedSince[index]))
            {
                return false;
            }
        }

        return true;
    }

    private bool Covers(in Units wanted)
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if ((_claimed & (1 << unit)) != 0
                && (wanted[unit] > _taken[unit] - _held[unit] - _used[unit] || (_hasCeiling && wanted[unit] > _ceiling[unit] - _held[unit])))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsLow()
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if ((_claimed & (1 << unit)) != 0 && _extra[unit] > 0 && _taken[unit] - _held[unit] - _used[unit] < _extra[unit] / 4)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasFree()
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if ((_claimed & (1 << unit)) != 0 && _taken[unit] - _held[unit] > _used[unit])
            {
                return true;
            }
        }

        return _claimed == 0 && _leases.Count == 0;
    }

    private bool HasUsed() => _booked > 0 || !IsNothing(_used);

    private bool IsStale(long now) => timeProvider.GetElapsedTime(_takenAt, now) >= options.LeaseDuration / 2;

    private bool IsTight(long now) => _isTight &= timeProvider.GetElapsedTime(_tightSince, now) < Second;

    private long Each(int unit) => _count == 0 ? 0 : (long)(((Int128)_wanted[unit] + _count - 1) / _count);

    private long EachCost() => _count == 0 ? 0 : _wantedCost / _count;

    private long RequestsIn(in Units extra)
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if (extra[unit] > 0 && Each(unit) > 0)
            {
                return extra[unit] / Each(unit);
            }
        }

        return 0;
    }

    // So much must stay free beside the allowance that several processes can take one.
    private LimitClaim[] Claims(Units amounts, Units extra, bool isForced)
    {
        var claims = new LimitClaim[_claims.Length];
        for (var index = 0; index < claims.Length; index++)
        {
            ref readonly var claim = ref _claims[index];
            var unit = (int)claim.Unit;
            var kept = (Int128)claim.Capacity - ((Int128)(Share - 1) * extra[unit]);
            claims[index] = claim with
            {
                Amount = amounts[unit],
                Capacity = isForced ? long.MaxValue : (long)Int128.Max(kept, long.MinValue),
                Since = claim.Window is null || claim.Since.UtcTicks < Slack.Ticks ? claim.Since : claim.Since - Slack,
            };
        }

        return claims;
    }
}
