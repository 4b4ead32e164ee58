namespace OpenRouter.Billing.Guard;

/// <summary>Keeps a ledger that may block (a database driver does) off the threads of those who ask and of those who read answers.</summary>
internal sealed class OffloadedLedger(IBillingLedger inner) : IBillingLedger
{
    /// <summary>The ledger as it is, if it never waits; else behind the thread pool.</summary>
    public static IBillingLedger Around(IBillingLedger ledger) => ledger is InMemoryBillingLedger ? ledger : new OffloadedLedger(ledger);

    public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => inner.AcquireAsync(claims, leaseDuration, cancellationToken).AsTask(), CancellationToken.None));

    public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => inner.PeekAsync(claims, cancellationToken).AsTask(), CancellationToken.None));

    public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => inner.SettleAsync(lease, unit, amount, cancellationToken).AsTask(), CancellationToken.None));

    public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => inner.ReleaseAsync(lease, cancellationToken).AsTask(), CancellationToken.None));
}
