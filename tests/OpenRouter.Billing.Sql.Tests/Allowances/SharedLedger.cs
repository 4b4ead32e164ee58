using System.Collections.Concurrent;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

/// <summary>Stands for a ledger in a database: knows leases for many requests, counts the calls, and fails when told to.</summary>
internal sealed class SharedLedger(InMemoryBillingLedger inner) : IBulkLedger
{
    private readonly ConcurrentDictionary<LeaseId, SpendLabels> _labels = new();
    private long _roundTrips;
    private long _most;

    /// <summary>How often it was asked, as often as a database would be.</summary>
    public long RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>Says whether a call fails, and whether it is carried out all the same.</summary>
    public Func<(bool Fails, bool IsDone)>? Fault { get; set; }

    /// <summary>Is waited for before each call.</summary>
    public Func<Task>? Before { get; set; }

    /// <summary>Is waited for before each booking of many requests.</summary>
    public Task BeforeBooking { get; set; } = Task.CompletedTask;

    /// <summary>Whose capacity is watched.</summary>
    public LimitClaim? Watched { get; init; }

    /// <summary>The most that was ever held and used on the watched limit.</summary>
    public long Most => Volatile.Read(ref _most);

    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        CallAsync(() => inner.AcquireAsync(claims, leaseDuration, CancellationToken.None), cancellationToken);

    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(
            async () =>
            {
                var answer = await inner.AcquireAsync(request, CancellationToken.None);
                if (answer.Lease is { } lease)
                {
                    _labels[lease] = request.Labels;
                }

                return answer;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
        CallAsync(() => inner.PeekAsync(claims, CancellationToken.None), cancellationToken);

    public async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) =>
        await CallAsync(() => DoAsync(inner.SettleAsync(lease, unit, amount, CancellationToken.None)), cancellationToken);

    public async ValueTask SettleAsync(LeaseId lease, BulkSettlement settlement, CancellationToken cancellationToken = default) =>
        await CallAsync(
            async () =>
            {
                await BeforeBooking;
                return await SettleAllAsync(lease, settlement);
            },
            cancellationToken);

    public async ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        await CallAsync(() => DoAsync(inner.ReleaseAsync(lease, CancellationToken.None)), cancellationToken);

    public IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, CancellationToken cancellationToken = default) => inner.ReadSpendAsync(query, cancellationToken);

    private static async ValueTask<bool> DoAsync(ValueTask call)
    {
        await call;
        return true;
    }

    // The first request is the lease's own; the others are leases that claim and cost nothing.
    private async ValueTask<bool> SettleAllAsync(LeaseId lease, BulkSettlement settlement)
    {
        var isFirst = _labels.TryRemove(lease, out var labels);
        await inner.SettleAsync(lease, LimitUnit.Requests, settlement.CountedRequests);
        if (settlement is { BookedRequests: 0, Cost: 0, CostWithByok: 0 })
        {
            await inner.ReleaseAsync(lease);
            return true;
        }

        await inner.SettleAsync(lease, LimitUnit.UsDollars, settlement.Cost);
        await inner.SettleAsync(lease, LimitUnit.UsDollarsWithByok, settlement.CostWithByok);
        for (var more = 1L; isFirst && more < settlement.BookedRequests; more++)
        {
            var one = await inner.AcquireAsync(new LeaseRequest { Claims = [], Duration = TimeSpan.FromMinutes(1), Labels = labels });
            await inner.SettleAsync(one.Lease!.Value, LimitUnit.UsDollars, 0);
            await inner.SettleAsync(one.Lease!.Value, LimitUnit.UsDollarsWithByok, 0);
        }

        return true;
    }

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _roundTrips);
        cancellationToken.ThrowIfCancellationRequested();
        if (Before is not null)
        {
            await Before();
        }

        var (fails, isDone) = Fault?.Invoke() ?? default;
        var answer = fails && !isDone ? default! : await call();
        if (Watched is { } watched)
        {
            var usage = (await inner.PeekAsync([watched], CancellationToken.None))[0];
            for (var most = Most; usage.Settled + usage.Leased > most; most = Most)
            {
                Interlocked.CompareExchange(ref _most, usage.Settled + usage.Leased, most);
            }
        }

        return fails ? throw new TimeoutException("The shared ledger does not answer.") : answer;
    }
}
