using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>
/// The same by several instances at once, over one shared ledger of which every call takes a millisecond and no two are
/// carried out at the same time, as in a database that locks a limit.
/// </summary>
[BenchmarkCategory("FleetThroughput")]
public class FleetThroughputBenchmarks
{
    private const int Operations = 64 * 1024;

    private FleetLoad _load = new();

    [Params(1, 4, 16)]
    public int Instances { get; set; }

    [GlobalSetup]
    public void Setup() => _load = new FleetLoad(Instances, TimeSpan.FromMilliseconds(1));

    [Benchmark(OperationsPerInvoke = Operations)]
    public void WithAllowances()
    {
        var threads = new Thread[Instances];
        for (var index = 0; index < threads.Length; index++)
        {
            var instance = index;
            threads[index] = new Thread(() =>
            {
                for (var count = 0; count < Operations / Instances; count++)
                {
                    _load.AcquireAndSettle(instance);
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
