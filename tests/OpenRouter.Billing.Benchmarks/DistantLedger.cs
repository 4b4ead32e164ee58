using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A ledger that is a round trip away and carries out one call after another.</summary>
internal sealed class DistantLedger(InMemoryBillingLedger inner, TimeSpan roundTrip) : IBulkLedger
{
    private readonly object _gate = new();
    private Task _last = Task.CompletedTask;

    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        CallAsync(() => inner.AcquireAsync(claims, leaseDuration, cancellationToken));

    public ValueTask<LedgerAnswer> AcquireAsync(LeaseRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(() => inner.AcquireAsync(request, cancellationToken));

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
        CallAsync(() => inner.PeekAsync(claims, cancellationToken));

    public async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) =>
        await CallAsync(() => DoAsync(inner.SettleAsync(lease, unit, amount, cancellationToken)));

    public async ValueTask SettleAsync(LeaseId lease, BulkSettlement settlement, CancellationToken cancellationToken = default) =>
        await CallAsync(async () =>
        {
            await inner.SettleAsync(lease, LimitUnit.Requests, settlement.CountedRequests, cancellationToken);
            await inner.SettleAsync(lease, LimitUnit.UsDollars, settlement.Cost, cancellationToken);
            return await DoAsync(inner.SettleAsync(lease, LimitUnit.UsDollarsWithByok, settlement.CostWithByok, cancellationToken));
        });

    public async ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        await CallAsync(() => DoAsync(inner.ReleaseAsync(lease, cancellationToken)));

    public IAsyncEnumerable<SpendEntry> ReadSpendAsync(SpendQuery? query = null, CancellationToken cancellationToken = default) => inner.ReadSpendAsync(query, cancellationToken);

    private static async ValueTask<bool> DoAsync(ValueTask call)
    {
        await call;
        return true;
    }

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> call)
    {
        var done = new TaskCompletionSource();
        Task before;
        lock (_gate)
        {
            (before, _last) = (_last, done.Task);
        }

        await before;
        try
        {
            if (roundTrip > TimeSpan.Zero)
            {
                await Task.Delay(roundTrip);
            }

            return await call();
        }
        finally
        {
            done.SetResult();
        }
    }
}
