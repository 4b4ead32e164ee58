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
/// ledger before, and what was used is held there until it is booked. An allowance is for the requests of the next second
/// or some more, at most a sixteenth of what is free on each limit, and is taken again in the background before it is used up.
/// Where that is not enough for some requests, and for requests that come too seldom, the shared ledger decides about each. New
/// figures of an account are proved on the shared ledger before anything is admitted by them. What a process does not use for
/// two seconds it gives back. What the allowances of a process that dies still held counts as spent, as
/// <see cref="AllowanceOptions.LeaseDuration"/> says. A request that is settled after its own lease has expired counts in full.
/// </remarks>
public sealed class AllowanceLedger : ISpendLedger, IAsyncDisposable, IDisposable
{
    /// <summary>For how long disposal and reports wait for what is booked, where nobody says how long one call may take.</summary>
    internal static readonly TimeSpan LongestBooking = TimeSpan.FromSeconds(30);

    private const int MostRenewals = 2;

    private readonly ISpendLedger _shared;
    private readonly SharedBooks _books;
    private readonly AllowanceRegister _allowances;
    private readonly AllowanceKeeper _keeper;
    private readonly TimeProvider _timeProvider;

    /// <summary>Builds a ledger that takes allowances from another.</summary>
    /// <param name="shared">The ledger that processes share. It stays the caller's, who disposes of it after this one.</param>
    /// <param name="options">How much to take in advance; <see langword="null"/> for the defaults.</param>
    /// <param name="timeProvider">The clock to measure times with; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is not as its documentation says.</exception>
    public AllowanceLedger(ISpendLedger shared, AllowanceOptions? options = null, TimeProvider? timeProvider = null)
        : this(shared, options, timeProvider, LongestBooking)
    {
    }

    internal AllowanceLedger(ISpendLedger shared, AllowanceOptions? options, TimeProvider? timeProvider, TimeSpan longestBooking)
    {
        ArgumentNullException.ThrowIfNull(shared);
        var chosen = options ?? new AllowanceOptions();
        if (AllowanceOptionsRules.Broken(chosen) is { Count: > 0 } broken)
        {
            throw new ArgumentException(string.Join(' ', broken), nameof(options));
        }

        (_shared, _timeProvider) = (shared, timeProvider ?? TimeProvider.System);
        _books = new SharedBooks(shared, chosen);
        _allowances = new AllowanceRegister(chosen, _timeProvider);
        _keeper = new AllowanceKeeper(_allowances, _books, _timeProvider, longestBooking);
    }

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        AcquireAsync(new LedgerRequest(claims, leaseDuration, null, 0), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.ClaimedCost);
        return AcquireAsync(new LedgerRequest(request.Claims, request.Duration, request.Labels, request.ClaimedCost), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>What is reserved for requests to come counts as free, and what was used here and is not booked yet as settled.</remarks>
    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var wanted = claims.ToArray();
        // While an allowance is replaced, the shared ledger counts it twice: too much, never too little.
        var standings = _allowances.StandingsOn(wanted);
        var usage = await _shared.PeekAsync(wanted, cancellationToken).ConfigureAwait(false);
        return _allowances.StandingsOn(wanted) is var after && after.AsSpan().SequenceEqual(standings)
            ? [.. usage.Select((use, index) => Correct(use, standings[index], _timeProvider.GetUtcNow()))]
            : usage;
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        if (!Enum.IsDefined(unit))
        {
            throw new ArgumentOutOfRangeException(nameof(unit), unit, "Use one of the units of LimitUnit.");
        }

        if (!_allowances.TryFind(lease, out var allowance, out var number))
        {
            return _shared.SettleAsync(lease, unit, amount, cancellationToken);
        }

        var isOverdrawn = false;
        var last = allowance?.Settle(number, unit, amount, out isOverdrawn);
        if (isOverdrawn)
        {
            _ = _keeper.RenewAsync(allowance!, grows: true);
        }

        return last is null ? ValueTask.CompletedTask : _books.BookAsync(last, allowance!.Shape.Labels, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        !_allowances.TryFind(lease, out var allowance, out var number) ? _shared.ReleaseAsync(lease, cancellationToken)
            : allowance?.Release(number) is { } last ? _books.BookAsync(last, allowance.Shape.Labels, cancellationToken)
            : ValueTask.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>What this process used is booked first; what others used may show up to <see cref="AllowanceOptions.MaxAge"/> late.</remarks>
    public async IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await _keeper.BookAllAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var entry in _shared.ReadSpendAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return entry;
        }
    }

    /// <summary>Books what was used, and gives back what is not needed by requests that still run.</summary>
    /// <returns>When the shared ledger has taken it over, or does not answer within the time of one call: with an account's services its <see cref="SqlLedgerOptions.Timeout"/>, else 30 seconds.</returns>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it.</summary>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    private static LimitUsage Correct(LimitUsage usage, (long Reserved, long Used) standing, DateTimeOffset now) => new(
        standing.Used > long.MaxValue - usage.Settled ? long.MaxValue : usage.Settled + standing.Used,
        Math.Max(0, usage.Leased - standing.Reserved),
        standing.Used > 0 ? usage.Oldest ?? now : usage.Oldest);

    private ValueTask<LedgerAnswer> AcquireAsync(in LedgerRequest request, CancellationToken cancellationToken)
    {
        request.Check();
        cancellationToken.ThrowIfCancellationRequested();
        var allowance = _allowances.Of(request);
        var route = allowance.TryAdmit(request, out var lease);
        if (route is AdmissionRoute.HereAndRenew or AdmissionRoute.SharedAndRenew)
        {
            _ = _keeper.RenewAsync(allowance, grows: true, request.Claims);
        }

        return route is AdmissionRoute.Here or AdmissionRoute.HereAndRenew ? ValueTask.FromResult(LedgerAnswer.Granted(_allowances.IdOf(allowance, lease)))
            : AcquireElsewhereAsync(allowance, request with { Claims = request.Claims.ToArray() }, route, cancellationToken);
    }

    private async ValueTask<LedgerAnswer> AcquireElsewhereAsync(Allowance allowance, LedgerRequest request, AdmissionRoute route, CancellationToken cancellationToken)
    {
        for (var renewals = 0; route == AdmissionRoute.Renew && renewals < MostRenewals; renewals++)
        {
            await _keeper.RenewAsync(allowance, grows: true, request.Claims).WaitAsync(cancellationToken).ConfigureAwait(false);
            route = allowance.TryAdmit(request, out var lease);
            if (route is AdmissionRoute.Here or AdmissionRoute.HereAndRenew)
            {
                return LedgerAnswer.Granted(_allowances.IdOf(allowance, lease));
            }
        }

        var askedAt = _timeProvider.GetTimestamp();
        var answer = await request.AcquireAsync(_shared, cancellationToken).ConfigureAwait(false);
        allowance.Answered(_timeProvider.GetElapsedTime(askedAt));
        // What is reserved here may be just what the request lacks there.
        var asked = new HashSet<Allowance>();
        while (answer.Lease is null && await _keeper.GiveBackAsync(request.Claims, answer.Usage, asked).WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            answer = await request.AcquireAsync(_shared, cancellationToken).ConfigureAwait(false);
        }

        return answer;
    }
}
