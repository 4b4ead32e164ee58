using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What the guard adds to a call that it lets through, from the client to the end of the line and back.</summary>
[BenchmarkCategory("Admission")]
public class AdmissionBenchmarks
{
    private readonly byte[] _body = Inputs.ShortMessages(4096);
    private Guarded _guarded = null!;

    [GlobalSetup]
    public void Setup() => _guarded = new Guarded(Inputs.JsonAnswer(100));

    [GlobalCleanup]
    public void Cleanup() => _guarded.Dispose();

    [Benchmark(Baseline = true)]
    public Task<int> Unguarded() => CallAsync(_guarded.Without);

    [Benchmark]
    public Task<int> Guard() => CallAsync(_guarded.With);

    [Benchmark]
    public Task<int> DocumentLockAndDictionary() => CallAsync(_guarded.Naive);

    [Benchmark]
    public Task<int> BalanceBeforeEachCall() => CallAsync(_guarded.Asking);

    private async Task<int> CallAsync(HttpClient http)
    {
        using var request = _guarded.Request(_body);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }
}
