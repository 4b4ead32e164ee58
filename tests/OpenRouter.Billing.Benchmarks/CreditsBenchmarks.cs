using System.Net.Http.Headers;
using System.Net.Http.Json;
using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>One reading of the balance, beside the same call with nothing but the framework: its own bound in time, and no other, no repeats, no leniency.</summary>
[BenchmarkCategory("Credits")]
public class CreditsBenchmarks
{
    private static readonly byte[] Body = """{"data":{"total_credits":100.5,"total_usage":25.75}}"""u8.ToArray();

    private LoopbackServer? _loopback;
    private HttpClient _bare = null!;
    private HttpClient _http = null!;
    private OpenRouterBillingClient _client = null!;
    private Uri _address = null!;

    /// <summary>Gets or sets whether the answer comes over a socket, as answers do, or out of memory.</summary>
    [Params("loopback", "memory")]
    public string From { get; set; } = string.Empty;

    [GlobalSetup]
    public void Setup()
    {
        var options = new OpenRouterBillingOptions { ManagementKey = Inputs.ManagementKey };
        if (From == "loopback")
        {
            _loopback = new LoopbackServer(Body, "application/json");
            options.BaseAddress = _loopback.Address;
        }

        // The library sets its own bounds, and its registration takes those of its client away.
        (_bare, _http) = (new HttpClient(Server()), new HttpClient(Server()) { Timeout = Timeout.InfiniteTimeSpan });
        _client = new OpenRouterBillingClient(_http, options);
        _address = options.BaseAddress;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bare.Dispose();
        _http.Dispose();
        _loopback?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public async Task<decimal> BareCall()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_address, "credits"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Inputs.ManagementKey);
        using var response = await _bare.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var credits = await response.Content.ReadFromJsonAsync(BareContext.Default.BareCredits);
        return credits!.Data.TotalCredits - credits.Data.TotalUsage;
    }

    [Benchmark]
    public async Task<decimal> GetAsync() => (await _client.Credits.GetAsync()).Remaining;

    private HttpMessageHandler Server() => From == "loopback" ? new SocketsHttpHandler() : new ReadingServer(Body);
}
