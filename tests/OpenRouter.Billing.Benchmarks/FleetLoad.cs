using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>One chat after another on three limits, on each of the ledgers that share them: an instance each.</summary>
internal sealed class FleetLoad(IReadOnlyList<ISpendLedger> ledgers) : IAsyncDisposable
{
    private readonly LeaseRequest _chat = LeaseRequests.OfChat();

    public async ValueTask DisposeAsync()
    {
        foreach (var ledger in ledgers.OfType<IAsyncDisposable>())
        {
            await ledger.DisposeAsync();
        }
    }

    /// <summary>So many chats in all, by all instances at once.</summary>
    public Task RunAsync(int chats) => Task.WhenAll(Enumerable.Range(0, ledgers.Count).Select(instance => Task.Run(async () =>
    {
        for (var count = 0; count < chats / ledgers.Count; count++)
        {
            await AcquireAndSettleAsync(instance);
        }
    })));

    // As the guard settles: every unit once, and all are begun before one is waited for.
    public async ValueTask AcquireAndSettleAsync(int instance)
    {
        var ledger = ledgers[instance];
        var lease = (await ledger.AcquireAsync(_chat)).Lease!.Value;
        var (requests, dollars, withByok) = (ledger.SettleAsync(lease, LimitUnit.Requests, 1), ledger.SettleAsync(lease, LimitUnit.UsDollars, 800), ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 800));
        await requests;
        await dollars;
        await withByok;
    }
}
