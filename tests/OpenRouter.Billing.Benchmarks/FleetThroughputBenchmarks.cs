using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>
/// The same by several instances at once, over one shared ledger of which every call takes a millisecond and no two are
/// carried out at the same time, as in a database that locks a limit. Each instance makes one request after another.
/// </summary>
[BenchmarkCategory("FleetThroughput")]
public class FleetThroughputBenchmarks
{
    private const int Asked = 64;
    private const int Operations = 64 * 1024;

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(1);

    private FleetLoad _load = new();

    [Params(1, 4, 16)]
    public int Instances { get; set; }

    [GlobalSetup(Target = nameof(AskingForEach))]
    public void SetUpWithout() => _load = new FleetLoad(Instances, RoundTrip, hasAllowances: false);

    [GlobalSetup(Target = nameof(WithAllowances))]
    public void SetUpWith() => _load = new FleetLoad(Instances, RoundTrip);

    [GlobalCleanup]
    public Task CleanUp() => _load.DisposeAsync().AsTask();

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public void AskingForEach() => Run(Asked);

    [Benchmark(OperationsPerInvoke = Operations)]
    public void WithAllowances() => Run(Operations);

    private void Run(int operations)
    {
        var threads = new Thread[Instances];
        for (var index = 0; index < threads.Length; index++)
        {
            var instance = index;
            threads[index] = new Thread(() =>
            {
                for (var count = 0; count < operations / Instances; count++)
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
