using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Admitting and settling one request: in a ledger in memory, and from an allowance of a shared one.</summary>
[BenchmarkCategory("Fleet")]
public class FleetBenchmarks
{
    private readonly FleetLoad _inMemory = new();
    private readonly FleetLoad _withAllowances = new(instances: 1);

    [GlobalCleanup]
    public Task CleanUp() => _withAllowances.DisposeAsync().AsTask();

    [Benchmark(Baseline = true)]
    public void InMemory() => _inMemory.AcquireAndSettle(0);

    [Benchmark]
    public void WithAllowances() => _withAllowances.AcquireAndSettle(0);
}
