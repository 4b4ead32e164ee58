using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A thousand callers want one figure at once: what each of them costs while one question is asked for all.</summary>
[BenchmarkCategory("Stampede")]
public class StampedeBenchmarks
{
    private const int Callers = 1000;

    private static readonly Freshness Freshness = new(TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

    private readonly SteppedClock _clock = new();
    private readonly CreditBalance _credits = new() { TotalCredits = 100, TotalUsage = 1 };
    private readonly Task<Reading<CreditBalance>>[] _tasks = new Task<Reading<CreditBalance>>[Callers];

    /// <summary>Gets or sets whether there is no figure yet, so that all wait, or one that is old but serves.</summary>
    [Params("cold", "stale")]
    public string Figure { get; set; } = string.Empty;

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers)]
    public async Task<int> OneSharedTask()
    {
        var answer = new TaskCompletionSource<Reading<CreditBalance>>();
        return await AskAsync(answer, () => AwaitAsync(answer.Task));
    }

    [Benchmark(OperationsPerInvoke = Callers)]
    public async Task<int> Reading()
    {
        var reading = new SharedReading<CreditBalance>(_clock);
        if (Figure == "stale")
        {
            await reading.GetAsync(() => Task.FromResult(Answer()), Freshness, default);
            _clock.Step(TimeSpan.FromMinutes(2));
        }

        var answer = new TaskCompletionSource<Reading<CreditBalance>>();
        return await AskAsync(answer, () => reading.GetAsync(() => answer.Task, Freshness, default).AsTask());
    }

    // What one writes first: everybody waits in line to look whether somebody before has asked, also for a figure that would still serve.
    [Benchmark(OperationsPerInvoke = Callers)]
    public async Task<int> SemaphoreAndField()
    {
        using var line = new SemaphoreSlim(1);
        Reading<CreditBalance>? last = null;
        var answer = new TaskCompletionSource<Reading<CreditBalance>>();
        return await AskAsync(answer, async () =>
        {
            await line.WaitAsync();
            try
            {
                return last is not null && last.IsYoungerThan(Freshness.RefreshAfter, _clock) ? last : last = await answer.Task;
            }
            finally
            {
                line.Release();
            }
        });
    }

    private Reading<CreditBalance> Answer() => Reading<CreditBalance>.Known(_credits, Instant.Now(_clock));

    private async Task<int> AskAsync(TaskCompletionSource<Reading<CreditBalance>> answer, Func<Task<Reading<CreditBalance>>> ask)
    {
        for (var index = 0; index < _tasks.Length; index++)
        {
            _tasks[index] = ask();
        }

        answer.SetResult(Answer());
        return (await Task.WhenAll(_tasks)).Length;
    }

    private static async Task<Reading<CreditBalance>> AwaitAsync(Task<Reading<CreditBalance>> task) => await task;
}
