using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>Real books behind a ledger that settles in reverse order, or twice.</summary>
internal sealed class FaultyLedger(IBillingLedger books, bool isReversed, bool isTwice) : IBillingLedger
{
    // That the request came may be told once more at its end, so its units are counted and not the calls.
    private const int UnitsOfARequest = 3;

    private readonly object _gate = new();
    private readonly List<Func<Task>> _settles = [];
    private readonly HashSet<LimitUnit> _units = [];

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
            _units.Add(unit);
            if (isReversed && _units.Count < UnitsOfARequest)
            {
                return;
            }

            due = [.. _settles.AsEnumerable().Reverse()];
            _settles.Clear();
            _units.Clear();
        }

        foreach (var settle in due)
        {
            await settle();
        }
    }

    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => books.ReleaseAsync(lease, cancellationToken);
}
