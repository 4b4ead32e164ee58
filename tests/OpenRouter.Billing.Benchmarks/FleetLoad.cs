using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>One request after another on three limits, labelled as the guard labels them, on instances that share a ledger.</summary>
internal sealed class FleetLoad : IAsyncDisposable
{
    private static readonly string[] Limits = ["account/balance", "key/monthly", "budget/daily"];

    private readonly ISpendLedger[] _ledgers;
    private readonly LeaseRequest _request;

    /// <summary>Builds instances, with or without allowances; none for a ledger in memory.</summary>
    public FleetLoad(int instances = 0, TimeSpan roundTrip = default, bool hasAllowances = true)
    {
        var books = new InMemoryBillingLedger();
        var shared = new DistantLedger(books, roundTrip);
        _ledgers = instances == 0 ? [books] : [.. Enumerable.Range(0, instances).Select(_ => (ISpendLedger)(hasAllowances ? new AllowanceLedger(shared) : shared))];
        var since = TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1);
        _request = new LeaseRequest
        {
            // An array, as the guard hands over a list: what hides both would be copied for each look.
            Claims = Limits.Select(limit => LimitClaim.InUsDollars(limit, BillingCause.KeyLimit, 0.000001m, 1_000_000_000, since)).ToArray(),
            Duration = TimeSpan.FromMinutes(15),
            Labels = new SpendLabels { Project = "search", KeyHash = new string('a', 64), Model = "openai/gpt-4o-mini" },
            ClaimedCost = 1000,
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ledger in _ledgers.OfType<AllowanceLedger>())
        {
            await ledger.DisposeAsync();
        }
    }

    // As the guard settles: every unit once.
    public void AcquireAndSettle(int instance)
    {
        var ledger = _ledgers[instance];
        var lease = Wait(ledger.AcquireAsync(_request)).Lease!.Value;
        Wait(ledger.SettleAsync(lease, LimitUnit.Requests, 1));
        Wait(ledger.SettleAsync(lease, LimitUnit.UsDollars, 800));
        Wait(ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 800));
    }

    private static T Wait<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();

    private static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            task.AsTask().GetAwaiter().GetResult();
        }
    }
}
