using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Taking three claims and settling them, on one thread.</summary>
[BenchmarkCategory("Ledger")]
public class LedgerBenchmarks
{
    private readonly LedgerLoad _load = new();

    [Benchmark(Baseline = true)]
    public long TwoLocksSixLookUps() => _load.CountBare();

    [Benchmark]
    public void Ledger() => _load.AcquireAndSettle();

    [Benchmark]
    public void LockAndDictionary() => _load.AcquireAndSettleNaively();
}
