using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>Real books behind a ledger that settles in reverse order, or twice.</summary>
internal sealed class FaultyLedger(IBillingLedger books, bool isReversed, bool isTwice) : IBillingLedger
{
    // That the request came, and then the three units of its end.
    private const int SettlesOfARequest = 4;

    private readonly object _gate = new();
    private readonly List<Func<Task>> _settles = [];

    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        books.AcquireAsync(claims, leaseDuration, cancellationToken);

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => books.PeekAsync(claims, cancellationToken);

    public async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        Func<Task>[] due;
        lock (_gate)
        {
            _settles.Add(async () =>
            {
                await books.SettleAsync(lease, unit, amount, CancellationToken.None);
                await (isTwice ? books.SettleAsync(lease, unit, 3 * amount, CancellationToken.None) : ValueTask.CompletedTask);
            });
            if (isReversed && _settles.Count < SettlesOfARequest)
            {
                return;
            }

            due = [.. _settles.AsEnumerable().Reverse()];
            _settles.Clear();
        }

        foreach (var settle in due)
        {
            await settle();
        }
    }

    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => books.ReleaseAsync(lease, cancellationToken);
}
