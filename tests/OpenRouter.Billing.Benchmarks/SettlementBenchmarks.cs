using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Reading an answer of 10 MB to its end, in reads of 16 KB, while the guard looks for its cost.</summary>
[BenchmarkCategory("Settlement")]
public class SettlementBenchmarks
{
    private const int Size = 10 * 1024 * 1024;

    private readonly byte[] _request = Inputs.ShortMessages(1024);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Guarded _guarded = null!;

    [Params("JSON", "SSE")]
    public string Answer { get; set; } = string.Empty;

    /// <summary>Gets or sets whether the answer comes over a socket, as answers do, or is copied out of memory, as none is.</summary>
    [Params("loopback", "memory")]
    public string From { get; set; } = string.Empty;

    [GlobalSetup]
    public void Setup() => _guarded = Answer == "SSE"
        ? new Guarded(Inputs.StreamedAnswer(Size), "text/event-stream", overLoopback: From == "loopback")
        : new Guarded(Inputs.JsonAnswer(Size), overLoopback: From == "loopback");

    [GlobalCleanup]
    public void Cleanup() => _guarded.Dispose();

    [Benchmark(Baseline = true)]
    public Task<long> Unguarded() => ReadAsync(_guarded.Without);

    [Benchmark]
    public Task<long> Guard() => ReadAsync(_guarded.With);

    /// <summary>What one writes first: the whole answer in memory and as a document, or each event as one.</summary>
    [Benchmark]
    public async Task<decimal> Document()
    {
        using var request = _guarded.Request(_request);
        using var response = await _guarded.Without.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        if (Answer == "JSON")
        {
            using var document = await JsonDocument.ParseAsync(stream);
            return CostOf(document) ?? 0;
        }

        decimal? cost = null;
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                using var document = JsonDocument.Parse(line.AsMemory("data: ".Length));
                cost = CostOf(document) ?? cost;
            }
        }

        return cost ?? 0;
    }

    private static decimal? CostOf(JsonDocument document) => document.RootElement.TryGetProperty("usage", out var usage) ? usage.GetProperty("cost").GetDecimal() : null;

    private async Task<long> ReadAsync(HttpClient http)
    {
        using var request = _guarded.Request(_request);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var total = 0L;
        while (await stream.ReadAsync(_buffer) is > 0 and var read)
        {
            total += read;
        }

        return total;
    }
}
