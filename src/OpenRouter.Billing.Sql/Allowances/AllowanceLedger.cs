using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// Admits most requests of a process without asking the ledger that it shares with others: it takes allowances, each a lease
/// for many requests alike, and admits from them in memory. Safe for concurrent use; one instance per process is enough, and
/// disposing of it books what was used.
/// </summary>
/// <remarks>
/// The rule of <see cref="IBillingLedger"/> holds over all processes together: whatever is admitted here was held on the shared
/// ledger before, and what was used is held there until it is booked. An allowance is for the requests of the next seconds, at
/// most a sixteenth of what is free on each limit, and is taken again in the background before it is used up. Where that is
/// not enough for some requests, and for requests that come too seldom, the shared ledger decides about each. New figures of
/// an account are proved on the shared ledger before anything is admitted by them. What a process does not use for two
/// seconds it gives back. What the allowances of a process that dies still held counts as spent once their lease has
/// expired: at most <see cref="AllowanceOptions.MaxRequests"/> requests at what those before claimed, for each group of
/// requests with the same limits and labels. A request that is settled after its own lease has expired counts in full.
/// </remarks>
public sealed class AllowanceLedger : ISpendLedger, IAsyncDisposable, IDisposable
{
    private const int SweepAbove = 1024;
    private const int MostRenewals = 2;

    private static readonly TimeSpan TendEvery = TimeSpan.FromSeconds(1);

    private readonly ISpendLedger _shared;
    private readonly IBulkLedger? _bulk;
    private readonly AllowanceOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentDictionary<Shape, Allowance> _allowances = new();
    private readonly ConcurrentDictionary<int, Allowance> _byNumber = new();
    private readonly ConcurrentDictionary<int, Allowance> _holding = new();
    private readonly ITimer _timer;
    private readonly long _origin = BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
    private int _lastNumber;
    private int _isTending;
    private int _isDisposed;
    private int _sweepAbove = SweepAbove;

    /// <summary>Builds a ledger that takes allowances from another.</summary>
    /// <param name="shared">The ledger that processes share. It stays the caller's, who disposes of it after this one.</param>
    /// <param name="options">How much to take in advance; <see langword="null"/> for the defaults.</param>
    /// <param name="timeProvider">The clock to measure times with; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is not as its documentation says.</exception>
    public AllowanceLedger(ISpendLedger shared, AllowanceOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(shared);
        _options = options ?? new AllowanceOptions();
        if (AllowanceOptions.FindProblems(_options).FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        (_shared, _bulk, _timeProvider) = (shared, shared as IBulkLedger, timeProvider ?? TimeProvider.System);
        _timer = _timeProvider.CreateTimer(_ => _ = TendAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        AcquireAsync(new Order(claims, leaseDuration, null, 0), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.ClaimedCost);
        return AcquireAsync(new Order(request.Claims, request.Duration, request.Labels, request.ClaimedCost), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>What is reserved for requests to come counts as free, and what was used here and is not booked yet as settled.</remarks>
    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var wanted = claims.ToArray();
        // While an allowance is replaced, the shared ledger counts it twice: too much, never too little.
        var standings = StandingsOn(wanted);
        var usage = await _shared.PeekAsync(wanted, cancellationToken).ConfigureAwait(false);
        return StandingsOn(wanted) is var after && after.AsSpan().SequenceEqual(standings)
            ? [.. usage.Select((use, index) => Correct(use, standings[index], _timeProvider.GetUtcNow()))]
            : usage;
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        if (!TryFind(lease, out var allowance, out var number))
        {
            return _shared.SettleAsync(lease, unit, amount, cancellationToken);
        }

        var isOverdrawn = false;
        var last = allowance?.Settle(number, unit, amount, out isOverdrawn);
        if (isOverdrawn)
        {
            _ = RenewAsync(allowance!, grows: true);
        }

        return last is null ? ValueTask.CompletedTask : BookAsync(allowance!, last, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        !TryFind(lease, out var allowance, out var number) ? _shared.ReleaseAsync(lease, cancellationToken)
            : allowance?.Release(number) is { } last ? BookAsync(allowance, last, cancellationToken)
            : ValueTask.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>What this process used is booked first; what others used may show up to <see cref="AllowanceOptions.MaxAge"/> late.</remarks>
    public async IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await BookAllAsync(grows: true).WaitAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var entry in _shared.ReadSpendAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return entry;
        }
    }

    /// <summary>Books what was used, and gives back what is not needed by requests that still run.</summary>
    /// <returns>When the shared ledger has taken it over, or cannot be reached.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
            await BookAllAsync(grows: false).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it.</summary>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    private static LimitUsage Correct(LimitUsage usage, (long Reserved, long Used) standing, DateTimeOffset now) => new(
        standing.Used > long.MaxValue - usage.Settled ? long.MaxValue : usage.Settled + standing.Used,
        Math.Max(0, usage.Leased - standing.Reserved),
        standing.Used > 0 ? usage.Oldest ?? now : usage.Oldest);

    private ValueTask<LedgerAnswer> AcquireAsync(in Order order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order.Claims);
        cancellationToken.ThrowIfCancellationRequested();
        var shape = new Shape(order.Claims, order.Labels);
        var allowance = _allowances.TryGetValue(shape, out var known) ? known : Add(shape);
        var way = allowance.TryAdmit(order, out var lease);
        if (way is Way.HereAndRenew or Way.SharedAndRenew)
        {
            _ = RenewAsync(allowance, grows: true, order.Claims);
        }

        return way is Way.Here or Way.HereAndRenew ? ValueTask.FromResult(LedgerAnswer.Granted(IdOf(allowance, lease)))
            : AcquireElsewhereAsync(allowance, order with { Claims = [.. order.Claims] }, way, cancellationToken);
    }

    private async ValueTask<LedgerAnswer> AcquireElsewhereAsync(Allowance allowance, Order order, Way way, CancellationToken cancellationToken)
    {
        for (var renewals = 0; way == Way.Renew && renewals < MostRenewals; renewals++)
        {
            await RenewAsync(allowance, grows: true, order.Claims).WaitAsync(cancellationToken).ConfigureAwait(false);
            way = allowance.TryAdmit(order, out var lease);
            if (way is Way.Here or Way.HereAndRenew)
            {
                return LedgerAnswer.Granted(IdOf(allowance, lease));
            }
        }

        var askedAt = _timeProvider.GetTimestamp();
        var answer = await order.AcquireAsync(_shared, cancellationToken).ConfigureAwait(false);
        allowance.Answered(_timeProvider.GetElapsedTime(askedAt));
        return answer.Lease is null && await GiveBackAsync(order.Claims, answer.Usage).WaitAsync(cancellationToken).ConfigureAwait(false)
            ? await order.AcquireAsync(_shared, cancellationToken).ConfigureAwait(false)
            : answer;
    }

    // What is reserved here may be just what a request lacks there.
    private async Task<bool> GiveBackAsync(IReadOnlyList<LimitClaim> claims, IReadOnlyList<LimitUsage> usage)
    {
        var hasGiven = false;
        foreach (var (_, allowance) in _holding)
        {
            for (var index = 0; index < claims.Count; index++)
            {
                if ((Int128)usage[index].Settled + usage[index].Leased + claims[index].Amount > claims[index].Capacity && allowance.HasFreeOn(claims[index].Limit))
                {
                    allowance.Tighten();
                    await RenewAsync(allowance, grows: false).ConfigureAwait(false);
                    hasGiven = true;
                    break;
                }
            }
        }

        return hasGiven;
    }

    // One at a time for each allowance; who comes meanwhile waits for the one that runs.
    private Task RenewAsync(Allowance allowance, bool grows, IReadOnlyList<LimitClaim>? claims = null)
    {
        var renewal = allowance.JoinRenewal(out var isBegun);
        if (isBegun)
        {
            if (claims is not null)
            {
                allowance.Renew(claims);
            }

            _ = BeginRenewalAsync(allowance, grows);
        }

        return renewal;
    }

    private async Task BeginRenewalAsync(Allowance allowance, bool grows)
    {
        try
        {
            if (await TakeAnewAsync(allowance, grows).ConfigureAwait(false))
            {
                _timer.Change(TendEvery, Timeout.InfiniteTimeSpan);
            }

            await CloseAsync(allowance).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // what it had the allowance keeps; the next request that needs the shared ledger meets the same fault and tells of it
        catch (Exception)
#pragma warning restore CA1031
        {
            allowance.Tighten();
        }
        finally
        {
            allowance.EndRenewal();
        }
    }

    private async Task<bool> TakeAnewAsync(Allowance allowance, bool grows)
    {
        var extra = allowance.Size(grows && _isDisposed == 0);
        for (var isLast = false; ;)
        {
            isLast |= extra[0] + extra[1] + extra[2] == 0;
            var draft = allowance.Plan(extra, grows);
            if (draft is null)
            {
                allowance.Replace(null, null);
                return false;
            }

            var order = _bulk is null ? draft.Order with { Labels = null } : draft.Order;
            var answer = await order.AcquireAsync(_shared, CancellationToken.None).ConfigureAwait(false);
            if (answer.Lease is { } lease)
            {
                allowance.Replace(lease, draft);
                // Whoever had found it before it was forgotten may be using it still.
                _byNumber[allowance.Number] = _holding[allowance.Number] = allowance;
                return true;
            }

            if (isLast)
            {
                return true;
            }

            extra = allowance.Smaller(draft, answer.Usage);
            if (extra[0] + extra[1] + extra[2] == 0)
            {
                // Close to a limit each request is held by itself.
                allowance.Tighten();
            }
        }
    }

    private async Task CloseAsync(Allowance allowance)
    {
        foreach (var closing in allowance.Closings())
        {
            var used = closing.Used;
            if (_bulk is not null && allowance.Shape.Labels is not null)
            {
                await _bulk.SettleAsync(closing.Lease, new BulkSettlement(used.Of(LimitUnit.Requests), used.Of(LimitUnit.UsDollars), used.Of(LimitUnit.UsDollarsWithByok), closing.Booked)).ConfigureAwait(false);
            }
            else
            {
                // Together: a ledger that writes in batches writes them in one.
                await Task.WhenAll(
                    _shared.SettleAsync(closing.Lease, LimitUnit.Requests, used.Of(LimitUnit.Requests)).AsTask(),
                    _shared.SettleAsync(closing.Lease, LimitUnit.UsDollars, used.Of(LimitUnit.UsDollars)).AsTask(),
                    _shared.SettleAsync(closing.Lease, LimitUnit.UsDollarsWithByok, used.Of(LimitUnit.UsDollarsWithByok)).AsTask()).ConfigureAwait(false);
            }

            allowance.Closed(closing);
        }
    }

    // A ledger that knows no leases for many requests is told of each request's spending by itself.
    private ValueTask BookAsync(Allowance allowance, LocalLease last, CancellationToken cancellationToken) =>
        _bulk is null && last.IsBooked && allowance.Shape.Labels is { } labels
            ? BookSpendingAsync(new LeaseRequest { Claims = [], Duration = _options.LeaseDuration, Labels = labels, ClaimedCost = last.Spent[0] }, last, cancellationToken)
            : ValueTask.CompletedTask;

    private async ValueTask BookSpendingAsync(LeaseRequest request, LocalLease last, CancellationToken cancellationToken)
    {
        if ((await _shared.AcquireAsync(request, cancellationToken).ConfigureAwait(false)).Lease is { } lease)
        {
            await _shared.SettleAsync(lease, LimitUnit.UsDollars, last.Spent.Of(LimitUnit.UsDollars), cancellationToken).ConfigureAwait(false);
            await _shared.SettleAsync(lease, LimitUnit.UsDollarsWithByok, last.Spent.Of(LimitUnit.UsDollarsWithByok), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task BookAllAsync(bool grows)
    {
        foreach (var (_, allowance) in _holding)
        {
            await ExpireAsync(allowance).ConfigureAwait(false);
            if (allowance.IsHolding)
            {
                // One that runs already may have begun before the last was used.
                await RenewAsync(allowance, grows).ConfigureAwait(false);
                await RenewAsync(allowance, grows).ConfigureAwait(false);
            }
        }
    }

    private async Task TendAsync()
    {
        if (Interlocked.Exchange(ref _isTending, 1) != 0)
        {
            return;
        }

        foreach (var (number, allowance) in _holding)
        {
            if (!allowance.IsHolding)
            {
                _holding.TryRemove(number, out _);
                if (allowance.IsHolding)
                {
                    // It has been given another meanwhile.
                    _holding[number] = allowance;
                }

                continue;
            }

            await ExpireAsync(allowance).ConfigureAwait(false);
            if (allowance.NeedsTending(out var grows))
            {
                _ = RenewAsync(allowance, grows);
            }
        }

        Volatile.Write(ref _isTending, 0);
        if (!_holding.IsEmpty && _isDisposed == 0)
        {
            _timer.Change(TendEvery, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ExpireAsync(Allowance allowance)
    {
        foreach (var lease in allowance.Expire())
        {
            try
            {
                await BookAsync(allowance, lease, CancellationToken.None).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // nobody waits for it; its limits have counted it, and only a sum of spending lacks it
            catch (Exception)
#pragma warning restore CA1031
            {
                allowance.Tighten();
            }
        }
    }

    private Allowance Add(Shape shape)
    {
        Sweep();
        // The claims are the caller's, who may change them.
        var kept = shape with { Claims = [.. shape.Claims] };
        var allowance = _allowances.GetOrAdd(kept, _ => new Allowance(Interlocked.Increment(ref _lastNumber), kept, _options, _timeProvider));
        _byNumber[allowance.Number] = allowance;
        return allowance;
    }

    private void Sweep()
    {
        if (_byNumber.Count < _sweepAbove)
        {
            return;
        }

        foreach (var (shape, allowance) in _allowances)
        {
            if (allowance.IsForgettable && _allowances.TryRemove(shape, out _))
            {
                _byNumber.TryRemove(allowance.Number, out _);
            }
        }

        // Twice what is left is room for as much again, so that sweeping costs little per request.
        _sweepAbove = Math.Max(SweepAbove, 2 * _byNumber.Count);
    }

    private LeaseId IdOf(Allowance allowance, uint lease)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, _origin);
        BitConverter.TryWriteBytes(bytes[8..], allowance.Number);
        BitConverter.TryWriteBytes(bytes[12..], lease);
        return new LeaseId(new Guid(bytes));
    }

    private bool TryFind(LeaseId lease, out Allowance? allowance, out uint number)
    {
        Span<byte> bytes = stackalloc byte[16];
        lease.Value.TryWriteBytes(bytes);
        number = BitConverter.ToUInt32(bytes[12..]);
        allowance = null;
        return BitConverter.ToInt64(bytes) == _origin && (_byNumber.TryGetValue(BitConverter.ToInt32(bytes[8..]), out allowance) || true);
    }

    private (long Reserved, long Used)[] StandingsOn(LimitClaim[] claims)
    {
        var standings = new (long Reserved, long Used)[claims.Length];
        foreach (var (_, allowance) in _holding)
        {
            for (var index = 0; index < claims.Length; index++)
            {
                var (reserved, used) = allowance.StandingOn(claims[index].Limit);
                standings[index] = (standings[index].Reserved + reserved, standings[index].Used + used);
            }
        }

        return standings;
    }
}
