using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Requests that claim so many limits: per claim, beside a request that claims one.</summary>
[BenchmarkCategory("Growth", "Limits")]
public class GrowthOfLimitsBenchmarks
{
    private const int Most = 100;

    private readonly GrowthLoad _one = new(keys: 1, limits: 1);
    private readonly GrowthLoad _ten = new(keys: 1, limits: 10);
    private readonly GrowthLoad _hundred = new(keys: 1, limits: Most);

    [Benchmark(Baseline = true)]
    public void OneClaim() => _one.AcquireAndSettle();

    [Benchmark(OperationsPerInvoke = 10)]
    public void TenClaims() => _ten.AcquireAndSettle();

    [Benchmark(OperationsPerInvoke = Most)]
    public void HundredClaims() => _hundred.AcquireAndSettle();
}
