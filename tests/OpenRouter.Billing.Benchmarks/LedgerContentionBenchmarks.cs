using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>The same from many threads at once: more of them must not make the whole slower.</summary>
[BenchmarkCategory("LedgerContention")]
public class LedgerContentionBenchmarks
{
    private const int Operations = 64 * 1024;

    private readonly LedgerLoad _load = new();

    [Params(1, 4, 16, 64)]
    public int Threads { get; set; }

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void TwoLocksSixLookUps() => Run(() => _load.CountBare());

    [Benchmark(OperationsPerInvoke = Operations)]
    public void Ledger() => Run(_load.AcquireAndSettle);

    [Benchmark(OperationsPerInvoke = Operations)]
    public void LockAndDictionary() => Run(_load.AcquireAndSettleNaively);

    private void Run(Action operation)
    {
        var threads = new Thread[Threads];
        for (var index = 0; index < threads.Length; index++)
        {
            threads[index] = new Thread(() =>
            {
                for (var count = 0; count < Operations / Threads; count++)
                {
                    operation();
                }
            });
            threads[index].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }
}
