using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>
/// The same by several instances at once over one PostgreSQL, each with connections of its own and each with one chat after
/// another: with a question to the database for each chat, and from allowances.
/// </summary>
[BenchmarkCategory("FleetThroughput")]
public class FleetThroughputBenchmarks
{
    private const int Asked = 64;
    private const int Admitted = 64 * 1024;

    private readonly PostgresDatabase _database = new();
    private FleetLoad _load = null!;

    [Params(1, 4, 16)]
    public int Instances { get; set; }

    [GlobalSetup(Target = nameof(AskingForEach))]
    public void SetUpWithout() => SetUpAsync(ledger => ledger).GetAwaiter().GetResult();

    [GlobalSetup(Target = nameof(WithAllowances))]
    public void SetUpWith() => SetUpAsync(ledger => new AllowanceLedger(ledger)).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public Task AskingForEach() => _load.RunAsync(Asked);

    [Benchmark(OperationsPerInvoke = Admitted)]
    public Task WithAllowances() => _load.RunAsync(Admitted);

    private async Task SetUpAsync(Func<SqlBillingLedger, ISpendLedger> wrap)
    {
        await _database.StartAsync();
        _load = new FleetLoad([.. Enumerable.Range(0, Instances).Select(_ => wrap(_database.OpenLedger()))]);
    }

    private async Task CleanUpAsync()
    {
        await _load.DisposeAsync();
        await _database.DisposeAsync();
    }
}
