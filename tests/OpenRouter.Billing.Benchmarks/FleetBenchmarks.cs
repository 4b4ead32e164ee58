using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Admitting and settling one chat: in a ledger in memory, and from an allowance that is drawn from a PostgreSQL on the same machine.</summary>
[BenchmarkCategory("Fleet")]
public class FleetBenchmarks
{
    private const int Chats = 4096;

    private readonly FleetLoad _inMemory = new([new InMemoryBillingLedger()]);
    private readonly PostgresDatabase _database = new();
    private FleetLoad _withAllowances = null!;

    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = Chats)]
    public Task InMemory() => _inMemory.RunAsync(Chats);

    [Benchmark(OperationsPerInvoke = Chats)]
    public Task WithAllowances() => _withAllowances.RunAsync(Chats);

    private async Task SetUpAsync()
    {
        await _database.StartAsync();
        _withAllowances = new FleetLoad([new AllowanceLedger(_database.OpenLedger())]);
    }

    private async Task CleanUpAsync()
    {
        await _withAllowances.DisposeAsync();
        await _database.DisposeAsync();
    }
}
