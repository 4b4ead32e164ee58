using System.Buffers.Binary;
using System.Data.Common;
using System.Runtime.CompilerServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// A ledger in a database: it survives the process and is shared by all that use the same tables. Safe for concurrent use;
/// one instance per process is enough, and disposing of it writes what is still queued.
/// </summary>
/// <remarks>
/// The database's clock decides: windows that slide end at its now, and use is booked by it. Settlements and returns are
/// written in the background, many in one transaction, and again until they are written; a lease that is settled twice, by
/// whichever process, is booked once. A limit that nobody used for 40 days is forgotten as <see cref="InMemoryBillingLedger"/>
/// does; days of spending and of single limits are kept for 400 days. No key, prompt or answer is stored: keys are known by
/// their SHA-256.
/// </remarks>
public sealed class SqlBillingLedger : IBulkLedger, ISpendLedger, ISharedState, IAsyncDisposable, IDisposable
{
    private const int LongestStateName = 200;

    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(6);

    private readonly LedgerStore _store;
    private readonly BoundedCalls _calls;
    private readonly SettlementQueue _queue;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _timeout;
    private readonly Guid _origin = Guid.NewGuid();
    private long _lastLease;
    private long? _prunedAt;
    private int _isDisposed;

    /// <summary>Opens a ledger. The database is not asked before the first call.</summary>
    /// <param name="dataSource">Where connections come from. It stays the caller's, who disposes of it after the ledger.</param>
    /// <param name="dialect">Which database it is.</param>
    /// <param name="options">Names and waiting times; <see langword="null"/> for the defaults.</param>
    /// <param name="timeProvider">The clock to wait by, and with SQLite, which has none of its own, to book by; <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">An option is not as its documentation says.</exception>
    public SqlBillingLedger(DbDataSource dataSource, SqlDialect dialect, SqlLedgerOptions? options = null, TimeProvider? timeProvider = null)
        : this(dataSource, dialect, options ?? new SqlLedgerOptions(), timeProvider ?? TimeProvider.System, serverClock: null)
    {
    }

    /// <summary>Opens a ledger that takes another clock for its server's.</summary>
    internal SqlBillingLedger(DbDataSource dataSource, SqlDialect dialect, SqlLedgerOptions options, TimeProvider timeProvider, TimeProvider? serverClock)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        options = options.Copy();
        var names = new SqlNames(dialect, options);
        (_timeProvider, _timeout) = (timeProvider, options.Timeout);
        _calls = new BoundedCalls(options.Timeout, timeProvider);
        _queue = new SettlementQueue(WriteAsync, PruneSometimesAsync, timeProvider, options.MaxQueuedSettlements);
        _store = dialect == SqlDialect.Sqlite
            ? new SqliteStore(dataSource, names, options, serverClock ?? timeProvider)
            : new PostgreSqlStore(dataSource, names, options, serverClock);
    }

    /// <summary>Gets how the ledger gets on with its database.</summary>
    public SqlLedgerHealth Health => _calls.Availability.Tell(_queue.Count);

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer; what it may have taken all the same is given back.</exception>
    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        AcquireAsync(new LeaseOrder(NextId(), ClaimSet.Of(claims), leaseDuration.Ticks, 0, null), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer; what it may have taken all the same is given back.</exception>
    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.ClaimedCost);
        return AcquireAsync(new LeaseOrder(NextId(), ClaimSet.Of(request.Claims), request.Duration.Ticks, request.ClaimedCost, StoredLabels.Of(request.Labels)), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer.</exception>
    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default)
    {
        var set = ClaimSet.Of(claims);
        return await CallAsync((_, token) => _store.PeekAsync(set, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Done when it is written; while the database is down, when it has waited for as long as a call may: it is kept then, and written later.</remarks>
    /// <exception cref="SqlLedgerUnavailableException">Too many settlements wait for the database already.</exception>
    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        if (!Enum.IsDefined(unit))
        {
            throw new ArgumentOutOfRangeException(nameof(unit), unit, "Use one of the units of LimitUnit.");
        }

        return AddAsync(new QueuedSettlement(lease.Value, unit, amount), cancellationToken);
    }

    /// <inheritdoc/>
    async ValueTask IBulkLedger.SettleAsync(LeaseId lease, BulkSettlement settlement, CancellationToken cancellationToken)
    {
        var (id, booked) = (lease.Value, settlement.BookedRequests);
        // What nobody used leaves no line in the sums of spending.
        QueuedSettlement[] parts = settlement is { BookedRequests: 0, Cost: 0, CostWithByok: 0 }
            ? [new(id, LimitUnit.Requests, settlement.CountedRequests), new(id, null, 0)]
            : [new(id, LimitUnit.UsDollars, settlement.Cost, booked), new(id, LimitUnit.UsDollarsWithByok, settlement.CostWithByok, booked), new(id, LimitUnit.Requests, settlement.CountedRequests, booked)];
        // All are in the queue before the first is written.
        await Task.WhenAll(parts.Select(part => AddAsync(part, cancellationToken).AsTask()).ToArray()).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Done when it is written; while the database is down, when it has waited for as long as a call may: it is kept then, and written later.</remarks>
    /// <exception cref="SqlLedgerUnavailableException">Too many settlements wait for the database already.</exception>
    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        AddAsync(new QueuedSettlement(lease.Value, null, 0), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer.</exception>
    public async IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var wanted = query ?? new SpendQuery();
        foreach (var entry in await CallAsync((_, token) => _store.ReadSpendAsync(wanted, token), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer.</exception>
    public async ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var stored = StoredText.Fit(name);
        return await CallAsync((_, token) => _store.ReadStateAsync(stored, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="SqlLedgerUnavailableException">The database does not answer; the value may have been written.</exception>
    public async ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, LongestStateName, nameof(name));
        ArgumentNullException.ThrowIfNull(text);
        if (!StoredText.IsStorable(text))
        {
            throw new ArgumentException("The value has a zero character or half a surrogate pair, which databases do not store: encode it.", nameof(text));
        }

        var stored = StoredText.Fit(name);
        // A repetition of a write that was done finds its own version and would tell of a defeat: so there is none, and what comes
        // instead of it tells whether the database answers.
        var isWritten = await CallAsync(
            async (isRepeated, token) =>
            {
                if (isRepeated)
                {
                    await _store.ReadStateAsync(stored, token).ConfigureAwait(false);
                    return (bool?)null;
                }

                return await _store.TryWriteStateAsync(stored, text, expectedVersion, keepFor, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return isWritten ?? throw new SqlLedgerUnavailableException("Whether the value was written is not known: read it.");
    }

    /// <summary>Takes no more requests, writes what is settled until nothing more comes, for as long as one call may take, and lets go of the database.</summary>
    /// <returns>When it is done.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _queue.CloseAsync(_timeout).ConfigureAwait(false);
            await _store.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, and waits for it.</summary>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    private async ValueTask<LedgerAnswer> AcquireAsync(LeaseOrder order, CancellationToken cancellationToken)
    {
        var (isAsked, isAskedAgain) = (false, false);
        try
        {
            var answer = await CallAsync(
                (isRepeated, token) =>
                {
                    (isAsked, isAskedAgain) = (true, isRepeated);
                    return _store.AcquireAsync(order, isRepeated, token);
                },
                cancellationToken).ConfigureAwait(false);
            if (isAskedAgain && answer.Lease is null)
            {
                // The attempt before may still wait in the database, and be granted after this one was refused.
                GiveBack(order.Id);
            }

            return answer;
        }
        catch (Exception exception) when (isAsked && exception is SqlLedgerUnavailableException or OperationCanceledException)
        {
            GiveBack(order.Id);
            throw;
        }
    }

    // Nobody knows whether it was granted; a lease that is not held is given back without effect.
    private void GiveBack(Guid lease)
    {
        try
        {
            _queue.Add(new QueuedSettlement(lease, null, 0));
        }
        catch (Exception exception) when (exception is SqlLedgerUnavailableException or ObjectDisposedException)
        {
            // What cannot be given back expires; the caller hears of the fault that came before.
        }
    }

    private Task<T> CallAsync<T>(Func<bool, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return _calls.CallAsync(call, cancellationToken);
    }

    private async ValueTask AddAsync(QueuedSettlement settlement, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _queue.Add(settlement);
        try
        {
            await settlement.Written.WaitAsync(_timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is in the queue, which tries on.
        }
    }

    private Task<bool> WriteAsync(IReadOnlyList<LeaseSettlement> settlements) => _calls.CallAsync(
        async (_, token) =>
        {
            await _store.SettleAsync(settlements, token).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None);

    private async Task PruneSometimesAsync()
    {
        if (_prunedAt is { } last && _timeProvider.GetElapsedTime(last) < PruneEvery)
        {
            return;
        }

        _prunedAt = _timeProvider.GetTimestamp();
        try
        {
            await _calls.CallAsync(
                async (_, token) =>
                {
                    await _store.PruneAsync(token).ConfigureAwait(false);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqlLedgerUnavailableException)
        {
            // Another process, or the next time, prunes; the fault shows in the ledger's health.
        }
    }

    // A counter under one random origin is as unique as a random number and much cheaper, and each stands behind the one before
    // in an index.
    private Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _origin.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) + Interlocked.Increment(ref _lastLease));
        return new Guid(bytes);
    }
}
