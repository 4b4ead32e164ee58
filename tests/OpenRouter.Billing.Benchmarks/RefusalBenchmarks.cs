using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What a refusal costs beyond the reading of the request, as an answer and as an exception.</summary>
[BenchmarkCategory("Refusal")]
public class RefusalBenchmarks
{
    private readonly byte[] _body = Inputs.ShortMessages(4096);
    private Guarded _poor = null!;
    private BillableRequest _request = null!;

    [GlobalSetup]
    public void Setup()
    {
        _poor = new Guarded(Inputs.JsonAnswer(100), credits: 0.0000001m);
        _request = RequestReader.Read(_body, Inputs.ApiKey);
    }

    [GlobalCleanup]
    public void Cleanup() => _poor.Dispose();

    [Benchmark(Baseline = true)]
    public BillableRequest Reading() => RequestReader.Read(_body, Inputs.ApiKey);

    [Benchmark]
    public async Task<bool> EvaluateAsync() => (await _poor.Guard.EvaluateAsync(_request)).IsAllowed;

    [Benchmark]
    public async Task<bool> ReserveAsync()
    {
        try
        {
            await _poor.Guard.ReserveAsync(_request);
            return true;
        }
        catch (InsufficientCreditsException)
        {
            return false;
        }
    }

    /// <summary>The whole way through a client, up to the exception.</summary>
    [Benchmark]
    public Task<bool> Handler() => CallAsync(_poor.With);

    [Benchmark]
    public Task<bool> DocumentLockAndDictionary() => CallAsync(_poor.Naive);

    [Benchmark]
    public async Task<bool> BareThrow()
    {
        try
        {
            await ThrowAsync();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<bool> CallAsync(HttpClient http)
    {
        try
        {
            using var request = _poor.Request(_body);
            using var response = await http.SendAsync(request);
            return true;
        }
        catch (Exception exception) when (exception is InsufficientCreditsException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ValueTask ThrowAsync() => throw new InvalidOperationException("No.");
}
