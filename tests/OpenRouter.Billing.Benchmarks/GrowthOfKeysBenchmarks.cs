using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Requests with so many keys in turn, which have limits of their own and share one, beside requests with one key.</summary>
[BenchmarkCategory("Growth", "Keys")]
public class GrowthOfKeysBenchmarks
{
    private readonly GrowthLoad _one = new(keys: 1, limits: 3);
    private GrowthLoad _many = null!;

    [Params(1_000, 10_000, 100_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _many = new GrowthLoad(Keys, limits: 3);
        _many.LiveThrough(2 * Keys, TimeSpan.FromHours(1));
    }

    [Benchmark(Baseline = true)]
    public void OneKey() => _one.AcquireAndSettle();

    [Benchmark]
    public void Ledger() => _many.AcquireAndSettle();
}
