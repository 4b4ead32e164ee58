using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>What a process may admit, to requests of one shape, without asking the shared ledger. Safe for concurrent use.</summary>
/// <remarks>
/// On the shared ledger it is one lease with the claims of the requests at larger amounts, so that all others count it as held.
/// Whatever requests hold and have used here is within these amounts. To book what was used, another lease is taken first,
/// which holds at least what the running requests hold, and then the old one is settled with what was used: so at no moment
/// less is held on the shared ledger than is used or held here. It is held there for longer than any request runs that is
/// admitted here, so that this is true of a process, too, that dies or is cut off. The shared ledger has proved the claims when
/// it granted the lease; a request whose figures are newer is admitted only after they are proved, too.
/// </remarks>
internal sealed class Allowance(int number, RequestShape shape, AllowanceOptions options, TimeProvider timeProvider)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly bool _isPlain = shape.IsPlain;
    private readonly int _claimed = shape.Claims.Aggregate(0, (bits, claim) => bits | (1 << (int)claim.Unit));
    private readonly LocalLeases _leases = new();
    private readonly Demand _demand = new(options, timeProvider);
    private readonly ProvedFigures _proved = new(shape.Claims.Count);
    private readonly LimitClaim[] _figures = [.. shape.Claims];
    private readonly List<ReplacedAllowance> _replaced = [];
    private TaskCompletionSource<bool>? _renewing;
    private TimeSpan _longestRequest;

    // What is held on the shared ledger, and what of it was used.
    private LeaseId? _lease;
    private long _takenAt;
    private TimeSpan _lasts;
    private Units _taken;
    private Units _extra;
    private Units _used;
    private long _booked;

    // While another is asked for, no more is held than it will cover.
    private Units _ceiling;
    private bool _hasCeiling;

    private bool _isTight;
    private long _tightSince;

    /// <summary>Gets what its leases' identities name it by.</summary>
    public int Number => number;

    public RequestShape Shape => shape;

    /// <summary>Gets whether the shared ledger holds something for it, or still has to hear what was used.</summary>
    public bool IsHolding
    {
        get
        {
            lock (_gate)
            {
                return _lease is not null || _replaced.Count > 0;
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
                return _lease is null && _replaced.Count == 0 && _leases.Count == 0 && _renewing is null && _demand.IsOld(timeProvider.GetTimestamp());
            }
        }
    }

    private int Settled => _claimed | (shape.Labels is null ? 0 : (1 << (int)LimitUnit.UsDollars) | (1 << (int)LimitUnit.UsDollarsWithByok));

    /// <summary>Admits a request, if the allowance covers it and its claims are proved; else says where to go.</summary>
    public AdmissionRoute TryAdmit(in LedgerRequest request, out uint lease)
    {
        lease = 0;
        var claims = RequestShape.AsSpan(request.Claims);
        if (!_isPlain || Settled == 0 || !Units.TryMeasure(claims, out var wanted))
        {
            return AdmissionRoute.Shared;
        }

        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            if (_lease is null)
            {
                return Notice(claims, wanted, request, now) && !IsTight(now) ? AdmissionRoute.SharedAndRenew : AdmissionRoute.Shared;
            }

            if (_proved.AreNewerThan(claims))
            {
                return AdmissionRoute.Shared;
            }

            Count(wanted, request, now);
            if (IsStale(now) || IsOutlivedBy(request.Duration) || !_proved.Prove(claims) || !Covers(wanted))
            {
                return IsTight(now) ? AdmissionRoute.Shared : AdmissionRoute.Renew;
            }

            lease = _leases.Add(wanted, request.ClaimedCost, Later(now, request.Duration), Settled).Number;
            return IsLow() && _renewing is null && !IsTight(now) ? AdmissionRoute.HereAndRenew : AdmissionRoute.Here;
        }
    }

    /// <summary>Replaces what a lease holds by what was used. Returns the lease when it was the last of its units.</summary>
    public LocalLease? Settle(uint lease, LimitUnit unit, long amount, out bool isOverdrawn)
    {
        lock (_gate)
        {
            isOverdrawn = false;
            var bit = 1 << (int)unit;
            if (_leases.Find(lease) is not { } held || (held.Open & bit) == 0)
            {
                return null;
            }

            Use(held, (int)unit, amount);
            isOverdrawn = (_claimed & bit) != 0 && Free((int)unit) < 0;
            return held.Open == 0 ? _leases.Remove(held) : null;
        }
    }

    /// <summary>Gives back what a lease still holds. Returns the lease.</summary>
    public LocalLease? Release(uint lease)
    {
        lock (_gate)
        {
            return _leases.Find(lease) is { } held ? _leases.Remove(held) : null;
        }
    }

    /// <summary>Takes for spent what was not settled in time. Returns the leases.</summary>
    public IReadOnlyList<LocalLease> Expire()
    {
        var now = timeProvider.GetTimestamp();
        var expired = new List<LocalLease>();
        lock (_gate)
        {
            while (_leases.Overdue(now) is { } held)
            {
                for (var unit = 0; unit < Units.Count; unit++)
                {
                    if ((held.Open & (1 << unit)) != 0)
                    {
                        Use(held, unit, (_claimed & (1 << unit)) != 0 ? held.Held[unit] : held.ClaimedCost);
                    }
                }

                expired.Add(_leases.Remove(held));
            }
        }

        return expired;
    }

    /// <summary>Remembers how long the shared ledger took to answer.</summary>
    public void Answered(TimeSpan time)
    {
        lock (_gate)
        {
            _demand.Answered(time);
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

    /// <summary>Joins the renewal that runs, or begins one: then whoever began it is the one to end it.</summary>
    public Task<bool> JoinRenewal(out bool isBegun)
    {
        lock (_gate)
        {
            isBegun = _renewing is null;
            return (_renewing ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Ends the renewal, and tells whether the shared ledger has answered.</summary>
    public void EndRenewal(bool isDone)
    {
        TaskCompletionSource<bool>? renewing;
        lock (_gate)
        {
            _hasCeiling = false;
            (renewing, _renewing) = (_renewing, null);
        }

        renewing?.SetResult(isDone);
    }

    /// <summary>Remembers the figures that a renewal is to be proved by: those of the request that needs it.</summary>
    public void ProveBy(IReadOnlyList<LimitClaim> claims)
    {
        lock (_gate)
        {
            RequestShape.AsSpan(claims).CopyTo(_figures);
        }
    }

    /// <summary>For how much to ask beyond what running requests hold.</summary>
    public Units Size()
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            return IsTight(now) ? default : _demand.Size(now);
        }
    }

    /// <summary>How much less to ask for, by what the shared ledger has said; nothing when it is not worth while.</summary>
    public Units Smaller(AllowanceDraft draft, IReadOnlyList<LimitUsage> usage)
    {
        lock (_gate)
        {
            var requests = AllowanceDraft.Fitting(_figures, usage, _leases.Held, _demand);
            var smaller = requests < Demand.Few / 2 ? default : _demand.For(requests);
            for (var unit = 0; unit < Units.Count; unit++)
            {
                smaller[unit] = Math.Min(smaller[unit], draft.Extra[unit] / 2);
            }

            return smaller;
        }
    }

    /// <summary>Makes the request for another allowance; null when nothing is to be held. No more is admitted meanwhile than it will cover.</summary>
    public AllowanceDraft? Plan(in Units extra, bool grows)
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            var amounts = _leases.Held;
            for (var unit = 0; unit < Units.Count; unit++)
            {
                amounts.Add(unit, extra[unit]);
            }

            (_ceiling, _hasCeiling) = (amounts, true);
            if (_leases.Count == 0 && extra.IsNothing && (_claimed != 0 || !grows))
            {
                return null;
            }

            var claims = AllowanceDraft.Claims(_figures, amounts, extra, isForced: IsStale(now) && extra.IsNothing);
            return new AllowanceDraft(new LedgerRequest(claims, Lasting(), shape.Labels, Units.Sum(_leases.Cost, _demand.CostOf(extra))), amounts, extra, now);
        }
    }

    /// <summary>Puts a granted allowance, or none, in the place of the one before, which is to be settled then.</summary>
    public void Replace(LeaseId? lease, AllowanceDraft? draft)
    {
        lock (_gate)
        {
            if (_lease is { } old)
            {
                _replaced.Add(new ReplacedAllowance(old, _used, _booked));
                (_used, _booked) = (default, 0);
            }

            (_lease, _taken, _extra, _takenAt) = (lease, draft?.Amounts ?? default, draft?.Extra ?? default, draft?.AskedAt ?? 0);
            _lasts = draft?.Request.Duration ?? TimeSpan.Zero;
            _demand.Restart(timeProvider.GetTimestamp());
            _proved.Set(draft?.Request.Claims);
        }
    }

    /// <summary>Gets the allowances that were replaced and are not settled yet.</summary>
    public IReadOnlyList<ReplacedAllowance> Replaced()
    {
        lock (_gate)
        {
            return [.. _replaced];
        }
    }

    /// <summary>Forgets one that was settled.</summary>
    public void Forget(ReplacedAllowance replaced)
    {
        lock (_gate)
        {
            _replaced.Remove(replaced);
        }
    }

    /// <summary>Whether it is time to book what was used, to give back what nobody uses, or to hold on longer what runs.</summary>
    public bool NeedsTending(out bool grows)
    {
        var now = timeProvider.GetTimestamp();
        lock (_gate)
        {
            var isIdle = _demand.IsIdle(now);
            var isOld = timeProvider.GetElapsedTime(_takenAt, now) >= options.MaxAge;
            grows = !isIdle;
            return _lease is not null && (IsStale(now) || ((isIdle || isOld) && (HasFree() || HasUsed())));
        }
    }

    /// <summary>How much is free here that the limit lacks elsewhere.</summary>
    public long FreeOn(string limit)
    {
        lock (_gate)
        {
            return _lease is not null && Array.FindIndex(_figures, claim => claim.Limit == limit) is >= 0 and var index ? Free((int)_figures[index].Unit) : 0;
        }
    }

    /// <summary>Tells, of what the shared ledger counts as held on a limit, how much is only reserved and how much is used.</summary>
    public (long Reserved, long Used) StandingOn(string limit)
    {
        lock (_gate)
        {
            return _lease is not null && Array.FindIndex(_figures, claim => claim.Limit == limit) is >= 0 and var index && _figures[index].Unit is var unit
                ? (_taken.Of(unit) - _leases.Held.Of(unit), _used.Of(unit))
                : default;
        }
    }

    // Whether enough requests come to make an allowance worth while.
    private bool Notice(ReadOnlySpan<LimitClaim> claims, in Units wanted, in LedgerRequest request, long now)
    {
        if (_demand.IsOld(now))
        {
            _demand.Restart(now);
        }

        Count(wanted, request, now);
        claims.CopyTo(_figures);
        return _demand.IsEnough && _renewing is null;
    }

    private void Count(in Units wanted, in LedgerRequest request, long now)
    {
        _demand.Add(wanted, request.ClaimedCost, now);
        _longestRequest = request.Duration > _longestRequest ? request.Duration : _longestRequest;
    }

    private void Use(LocalLease held, int unit, long amount)
    {
        _leases.Settle(held, unit, amount);
        _used.Add(unit, amount);
        if (shape.Labels is not null && unit != (int)LimitUnit.Requests && !held.IsBooked)
        {
            held.IsBooked = true;
            _booked++;
        }
    }

    // From an allowance that is not stale yet the last request is admitted after half of its own time.
    private TimeSpan Lasting() => _longestRequest > TimeSpan.MaxValue - options.LeaseDuration ? TimeSpan.MaxValue : _longestRequest + options.LeaseDuration;

    private bool IsStale(long now) => timeProvider.GetElapsedTime(_takenAt, now) >= options.LeaseDuration / 2;

    private bool IsOutlivedBy(TimeSpan request) => request > _lasts - options.LeaseDuration;

    private bool IsTight(long now) => _isTight &= timeProvider.GetElapsedTime(_tightSince, now) < Second;

    private long Later(long now, TimeSpan duration) =>
        (long)Int128.Min(long.MaxValue, now + ((Int128)duration.Ticks * timeProvider.TimestampFrequency / TimeSpan.TicksPerSecond));

    private long Free(int unit) => _taken[unit] - _leases.Held[unit] - _used[unit];

    private bool Covers(in Units wanted)
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            if ((_claimed & (1 << unit)) != 0 && (wanted[unit] > Free(unit) || (_hasCeiling && wanted[unit] > _ceiling[unit] - _leases.Held[unit])))
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
            if ((_claimed & (1 << unit)) != 0 && _extra[unit] > 0 && Free(unit) < _extra[unit] / 4)
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
            if ((_claimed & (1 << unit)) != 0 && Free(unit) > 0)
            {
                return true;
            }
        }

        return _claimed == 0 && _leases.Count == 0;
    }

    private bool HasUsed() => _booked > 0 || !_used.IsNothing;
}
