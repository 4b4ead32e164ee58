using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A decision of the whole guard as the keys that it sees and the limits that the app sets become more, beside one key and OpenRouter's own limits.</summary>
/// <remarks>The guard knows the figures of 1,024 keys; a key beyond is asked about again, here by calls in memory.</remarks>
[BenchmarkCategory("Growth", "Guard")]
public class GrowthOfGuardBenchmarks
{
    private static readonly PromptSize Prompt = PromptSize.Of("What does this cost?");
    private static readonly BillableRequest Usual = Request(Inputs.ApiKey);

    private Guarded _usual = null!;
    private Guarded _manyKeys = null!;
    private Guarded _manyLimits = null!;
    private BillableRequest[] _requests = [];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _usual = new Guarded(Inputs.JsonAnswer(100));
        _manyKeys = new Guarded(Inputs.JsonAnswer(100));
        _manyLimits = new Guarded(Inputs.JsonAnswer(100), configure: options =>
        {
            for (var second = 1; second <= 49; second++)
            {
                options.Guard.RunawayLimits.Add(new RunawayLimitOptions { Window = TimeSpan.FromSeconds(second), MaxCost = 1_000_000_000, MaxRequests = int.MaxValue });
            }
        });
        _requests = [.. Enumerable.Range(0, 100_000).Select(key => Request($"{Inputs.ApiKey[..^8]}{key:x8}"))];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _usual.Dispose();
        _manyKeys.Dispose();
        _manyLimits.Dispose();
    }

    [Benchmark(Baseline = true)]
    public Task UsualRequest() => AskAsync(_usual, Usual);

    [Benchmark]
    public Task ThousandKeys() => AskAsync(_manyKeys, _requests[_next++ % 1_000]);

    [Benchmark]
    public Task HundredThousandKeys() => AskAsync(_manyKeys, _requests[_next++ % _requests.Length]);

    [Benchmark]
    public Task HundredClaims() => AskAsync(_manyLimits, Usual);

    private static BillableRequest Request(string key) => new() { Model = "openai/gpt-4o-mini", Prompt = Prompt, MaxOutputTokens = 100, ApiKey = key };

    private static async Task AskAsync(Guarded guarded, BillableRequest request)
    {
        var lease = await guarded.Guard.ReserveAsync(request);
        await lease.SettleAsync(0.00001m);
    }
}
