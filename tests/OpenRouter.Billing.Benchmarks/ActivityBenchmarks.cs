using System.Text.Json;
using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A month of a large account: what its rows take, beside the framework's own reading of the same bytes.</summary>
[BenchmarkCategory("Activity")]
public class ActivityBenchmarks
{
    private readonly byte[] _body = Inputs.Activity(20_000);
    private OpenRouterBillingClient _client = null!;
    private HttpClient _http = null!;

    [GlobalSetup]
    public void Setup()
    {
        _http = new HttpClient(new ReadingServer(_body));
        _client = new OpenRouterBillingClient(_http, new OpenRouterBillingOptions { ManagementKey = Inputs.ManagementKey });
    }

    [GlobalCleanup]
    public void Cleanup() => _http.Dispose();

    [Benchmark(Baseline = true)]
    public int BareDeserialization() => JsonSerializer.Deserialize(_body, BareContext.Default.BareActivity)!.Data.Count;

    [Benchmark]
    public int Reader() => JsonSerializer.Deserialize(_body, WireContext.Default.ActivityPayload)!.Data!.Count;

    /// <summary>The same through the client, from a handler in memory.</summary>
    [Benchmark]
    public async Task<int> ListAsync() => (await _client.Activity.ListAsync()).Count;
}
