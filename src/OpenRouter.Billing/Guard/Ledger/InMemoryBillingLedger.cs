using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenRouter.Billing.Guard;

/// <summary>The ledger of one process. It forgets when the process ends.</summary>
/// <remarks>
/// One lock guards everything: a request's claims must be looked at and taken together, and no step under it waits. A limit
/// that nobody used for 40 days is forgotten, unless a claim on it once looked back further; so a claim that counts use of
/// all time must say so from the first, by a <see cref="LimitClaim.Since"/> that lies far back. Sums of spending are kept for
/// 32 days; of more than 50,000 that differ, the rest is summed up without labels.
/// </remarks>
public sealed class InMemoryBillingLedger : ISpendLedger
{
    // An expired lease is remembered this long, so that a very late answer can still replace the full amount by the true one.
    private static readonly TimeSpan LateSettlement = TimeSpan.FromHours(24);

    // Below this much, what is over is not worth looking for.
    private const int SweepAbove = 1024;

    private readonly object _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly Dictionary<string, LimitHistory> _limits = new(StringComparer.Ordinal);
    private readonly Dictionary<LeaseId, HeldLease> _leases = [];
    private readonly PriorityQueue<LeaseId, long> _deadlines = new();
    private readonly SpendBook _spend = new();
    private readonly Guid _origin = Guid.NewGuid();
    private LimitHistory?[] _found = new LimitHistory?[8];
    private long _lastLease;
    private int _sweepLimitsAbove = SweepAbove;

    /// <summary>Builds an empty ledger.</summary>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    public InMemoryBillingLedger(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <summary>Gets how many limits and how many deadlines are kept.</summary>
    internal (int Limits, int Deadlines) Kept
    {
        get
        {
            lock (_gate)
            {
                return (_limits.Count, _deadlines.Count);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Acquire(claims, leaseDuration, null, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.ClaimedCost);
        return ValueTask.FromResult(Acquire(request.Claims, request.Duration, new Spending(_spend, request.Labels, request.ClaimedCost), cancellationToken));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        SpendEntry[] entries;
        lock (_gate)
        {
            Expire();
            entries = _spend.Read(query ?? new SpendQuery());
        }

        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(claims);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            Expire();
            return ValueTask.FromResult<IReadOnlyList<LimitUsage>>(Look(claims));
        }
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        lock (_gate)
        {
            var now = Expire();
            if (_leases.TryGetValue(lease, out var held))
            {
                held.Settle(unit, now, amount);
                ForgetIfClosed(lease, held);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            Expire();
            if (_leases.Remove(lease, out var held))
            {
                held.GiveBack();
            }
        }

        return ValueTask.CompletedTask;
    }

    private LedgerAnswer Acquire(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, Spending? spending, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(claims);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var now = Expire();
            SweepLimits(now);
            SweepDeadlines();
            var wanted = AsSpan(claims);
            var histories = Find(wanted);
            return HaveRoom(wanted, histories)
                ? LedgerAnswer.Granted(Take(wanted, histories, spending, now, Later(now, leaseDuration)))
                : LedgerAnswer.Refused(Look(claims));
        }
    }

    // Claims are large: looked at where they lie, and not copied for each look.
    private static ReadOnlySpan<LimitClaim> AsSpan(IReadOnlyList<LimitClaim> claims) => claims switch
    {
        LimitClaim[] array => array,
        List<LimitClaim> list => CollectionsMarshal.AsSpan(list),
        _ => claims.ToArray(),
    };

    // What nobody has used yet has no history. The array is used anew by every call, under the lock.
    private ReadOnlySpan<LimitHistory?> Find(ReadOnlySpan<LimitClaim> claims)
    {
        if (_found.Length < claims.Length)
        {
            _found = new LimitHistory?[claims.Length];
        }

        for (var index = 0; index < claims.Length; index++)
        {
            _found[index] = _limits.GetValueOrDefault(claims[index].Limit);
        }

        return _found.AsSpan(0, claims.Length);
    }

    // Claims on one limit are one wish, summed up where the limit's use is, so that many claims cost no more each than few.
    private static bool HaveRoom(ReadOnlySpan<LimitClaim> claims, ReadOnlySpan<LimitHistory?> histories)
    {
        for (var index = 0; index < claims.Length; index++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(claims[index].Amount);
            if (histories[index] is { } history)
            {
                history.Wanted = 0;
            }
        }

        for (var index = 0; index < claims.Length; index++)
        {
            if (histories[index] is { } history)
            {
                history.Wanted += claims[index].Amount;
            }
        }

        for (var index = 0; index < claims.Length; index++)
        {
            ref readonly var claim = ref claims[index];
            var used = histories[index] is { } history ? history.Wanted + history.UsedSince(claim.Since.UtcTicks) : WishOnNew(claims, histories, claim.Limit);
            if (used > claim.Capacity)
            {
                return false;
            }
        }

        return true;
    }

    private static Int128 WishOnNew(ReadOnlySpan<LimitClaim> claims, ReadOnlySpan<LimitHistory?> histories, string limit)
    {
        Int128 wanted = 0;
        for (var index = 0; index < claims.Length; index++)
        {
            if (histories[index] is null && claims[index].Limit == limit)
            {
                wanted += claims[index].Amount;
            }
        }

        return wanted;
    }

    private LimitUsage[] Look(IReadOnlyList<LimitClaim> claims)
    {
        var usage = new LimitUsage[claims.Count];
        for (var index = 0; index < usage.Length; index++)
        {
            usage[index] = _limits.TryGetValue(claims[index].Limit, out var history) ? history.Since(claims[index].Since.UtcTicks) : default;
        }

        return usage;
    }

    private LeaseId Take(ReadOnlySpan<LimitClaim> claims, ReadOnlySpan<LimitHistory?> histories, Spending? spending, long now, long deadline)
    {
        var holds = new LimitHold[claims.Length];
        for (var index = 0; index < holds.Length; index++)
        {
            ref readonly var claim = ref claims[index];
            var history = histories[index] ?? HistoryOf(claim.Limit);
            history.Leased += claim.Amount;
            history.OpenHolds++;
            history.LookedBack(claim.Since.UtcTicks, now);
            holds[index] = new LimitHold(history, claim.Unit, claim.Amount);
        }

        var id = NextId();
        _leases[id] = new HeldLease(holds, spending);
        _deadlines.Enqueue(id, deadline);
        return id;
    }

    private LimitHistory HistoryOf(string limit) => CollectionsMarshal.GetValueRefOrAddDefault(_limits, limit, out _) ??= new LimitHistory();

    // Twice what is left is room for as much again, so that sweeping costs little per request.
    private void SweepLimits(long now)
    {
        if (_limits.Count < _sweepLimitsAbove)
        {
            return;
        }

        foreach (var (limit, history) in _limits)
        {
            if (history.IsSpentForGood(now))
            {
                _limits.Remove(limit);
            }
        }

        _sweepLimitsAbove = Math.Max(SweepAbove, 2 * _limits.Count);
    }

    // Most leases are settled long before their deadline.
    private void SweepDeadlines()
    {
        if (_deadlines.Count < SweepAbove + (2 * _leases.Count))
        {
            return;
        }

        var open = _deadlines.UnorderedItems.Where(entry => _leases.ContainsKey(entry.Element)).ToArray();
        _deadlines.Clear();
        _deadlines.EnqueueRange(open);
    }

    // A duration without end is one that lasts until the end of time.
    private static long Later(long now, TimeSpan duration) => now + Math.Min(duration.Ticks, long.MaxValue - now);

    // A counter under one random origin is as unique as a random number and much cheaper.
    private LeaseId NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _origin.TryWriteBytes(bytes);
        BitConverter.TryWriteBytes(bytes, ++_lastLease);
        return new LeaseId(new Guid(bytes));
    }

    private long Expire()
    {
        var now = _timeProvider.GetUtcNow().UtcTicks;
        while (_deadlines.TryPeek(out var id, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            if (!_leases.TryGetValue(id, out var held))
            {
                continue;
            }

            if (held.IsExpired)
            {
                _leases.Remove(id);
                held.Abandon();
            }
            else
            {
                held.Expire(deadline);
                _deadlines.Enqueue(id, deadline + LateSettlement.Ticks);
            }
        }

        return now;
    }

    private void ForgetIfClosed(LeaseId id, HeldLease held)
    {
        if (held.IsClosed)
        {
            _leases.Remove(id);
        }
    }
}
