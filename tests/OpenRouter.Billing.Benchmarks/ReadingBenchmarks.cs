using System.Text.Json;
using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What it costs to learn from a body what decides its price, next to merely passing over its tokens.</summary>
[BenchmarkCategory("Reading")]
public class ReadingBenchmarks
{
    private byte[] _body = [];

    [Params("1 KB", "4 KB", "100 KB", "1 MB", "100 KB Chinese", "4 KB in one", "100 KB in one", "1 MB in one", "1 MB in one Chinese")]
    public string Body { get; set; } = string.Empty;

    [GlobalSetup]
    public void Setup() => _body = Body switch
    {
        "1 KB" => Inputs.ShortMessages(1024),
        "4 KB" => Inputs.ShortMessages(4096),
        "100 KB" => Inputs.ShortMessages(100 * 1024),
        "1 MB" => Inputs.ShortMessages(1024 * 1024),
        "100 KB Chinese" => Inputs.ShortMessages(100 * 1024, isChinese: true),
        "4 KB in one" => Inputs.OneMessage(4096),
        "100 KB in one" => Inputs.OneMessage(100 * 1024),
        "1 MB in one" => Inputs.OneMessage(1024 * 1024),
        _ => Inputs.OneMessage(1024 * 1024, isChinese: true),
    };

    [Benchmark(Baseline = true)]
    public long BarePass() => BareReading.CountTokens(_body);

    [Benchmark]
    public long Reader() => RequestReader.Read(_body, Inputs.ApiKey).Prompt!.Value.Bytes;

    [Benchmark]
    public long Document()
    {
        using var document = JsonDocument.Parse(_body);
        return NaiveReading.PromptLength(document) + document.RootElement.GetProperty("model").GetString()!.Length;
    }
}
