using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>Real books, and before each kind of call what the test stages: a wait, a block of the thread, a fault.</summary>
internal sealed class StagedLedger(IBillingLedger books) : IBillingLedger
{
    public Func<Task> BeforeAcquire { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforePeek { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeSettle { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeRelease { get; set; } = () => Task.CompletedTask;

    /// <summary>Gets what was granted, once it is.</summary>
    public TaskCompletionSource<LedgerAnswer> Acquired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets what was given back, once it is.</summary>
    public TaskCompletionSource<LeaseId> Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A stage that holds the calling thread until the event is set, as a driver without asynchronous calls does.</summary>
    public static Func<Task> Blocking(ManualResetEventSlim release) => () =>
    {
        Assert.True(release.Wait(BillingClientKit.Patience), "Nobody released the ledger.");
        return Task.CompletedTask;
    };

    // Whoever gives up is not heard: a grant that is on its way arrives.
    public async ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default)
    {
        await BeforeAcquire();
        var answer = await books.AcquireAsync(claims, leaseDuration, CancellationToken.None);
        Acquired.TrySetResult(answer);
        return answer;
    }

    public async ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default)
    {
        await BeforePeek();
        return await books.PeekAsync(claims, cancellationToken);
    }

    public async ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default)
    {
        await BeforeSettle();
        await books.SettleAsync(lease, unit, amount, cancellationToken);
    }

    public async ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default)
    {
        await BeforeRelease();
        await books.ReleaseAsync(lease, cancellationToken);
        Released.TrySetResult(lease);
    }
}
