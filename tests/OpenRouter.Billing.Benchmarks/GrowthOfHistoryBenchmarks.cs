using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>One more request after so many that were settled in the last 30 days, beside the first of all.</summary>
[BenchmarkCategory("Growth", "History")]
public class GrowthOfHistoryBenchmarks
{
    private readonly GrowthLoad _new = new(keys: 1, limits: 3);
    private readonly GrowthLoad _old = new(keys: 1, limits: 3);

    [Params(1_000, 100_000, 10_000_000)]
    public int Settled { get; set; }

    [GlobalSetup]
    public void Setup() => _old.LiveThrough(Settled, TimeSpan.FromDays(30));

    [Benchmark(Baseline = true)]
    public void First() => _new.AcquireAndSettle();

    [Benchmark]
    public void Ledger() => _old.AcquireAndSettle();
}
