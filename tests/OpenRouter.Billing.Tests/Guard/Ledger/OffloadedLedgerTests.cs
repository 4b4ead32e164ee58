using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>A ledger whose calls block their thread, and what stands between it and those who call.</summary>
public sealed class OffloadedLedgerTests : IDisposable
{
    private static readonly LeaseId Lease = new(Guid.Empty);

    private readonly ManualResetEventSlim _release = new();

    public void Dispose() => _release.Dispose();

    public static TheoryData<string, Func<IBillingLedger, Task>> Calls => new()
    {
        { "acquire", ledger => ledger.AcquireAsync([], TimeSpan.FromMinutes(1)).AsTask() },
        { "peek", ledger => ledger.PeekAsync([]).AsTask() },
        { "settle", ledger => ledger.SettleAsync(Lease, LimitUnit.Requests, 1).AsTask() },
        { "release", ledger => ledger.ReleaseAsync(Lease).AsTask() },
    };

    [Theory]
    [MemberData(nameof(Calls), DisableDiscoveryEnumeration = true)]
    public async Task Call_LedgerBlocksItsThread_ReturnsWhileItBlocks(string name, Func<IBillingLedger, Task> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var block = StagedLedger.Blocking(_release);
        var ledger = OffloadedLedger.Around(new StagedLedger(new InMemoryBillingLedger(new ManualTimeProvider()))
        {
            BeforeAcquire = block,
            BeforePeek = block,
            BeforeSettle = block,
            BeforeRelease = block,
        });

        var calling = call(ledger);

        Assert.False(calling.IsCompleted, name);
        _release.Set();
        await calling.WaitAsync(BillingClientKit.Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Calls), DisableDiscoveryEnumeration = true)]
    public async Task Call_LedgerThrowsAtOnce_FailsLater(string name, Func<IBillingLedger, Task> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var broken = new InvalidOperationException(name);
        Func<Task> fail = () => throw broken;
        var ledger = OffloadedLedger.Around(new StagedLedger(new InMemoryBillingLedger(new ManualTimeProvider()))
        {
            BeforeAcquire = fail,
            BeforePeek = fail,
            BeforeSettle = fail,
            BeforeRelease = fail,
        });

        var calling = call(ledger);

        Assert.Same(broken, await Assert.ThrowsAsync<InvalidOperationException>(() => calling));
    }

    [Fact]
    public void Around_LedgerInMemory_IsLeftAsItIs()
    {
        var ledger = new InMemoryBillingLedger(new ManualTimeProvider());

        Assert.Same(ledger, OffloadedLedger.Around(ledger));
    }
}
