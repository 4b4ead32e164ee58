using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What it costs to learn from a failed answer why it failed, beside merely passing over its tokens.</summary>
[BenchmarkCategory("Verdicts")]
public class VerdictBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero);

    private byte[] _body = [];
    private int _status;

    [Params("402 too dear", "403 key spent", "429 free day", "502 provider")]
    public string Answer { get; set; } = string.Empty;

    [GlobalSetup]
    public void Setup()
    {
        _body = Inputs.Failure(Answer);
        _status = int.Parse(Answer.AsSpan(0, 3), CultureInfo.InvariantCulture);
    }

    [Benchmark(Baseline = true)]
    public long BarePass() => BareReading.CountTokens(_body);

    [Benchmark]
    public object? Classifier() => FailureClassifier.Classify(_status, default, _body, Now)?.Cause;

    // What one writes first: the message out of a document, and words in it.
    [Benchmark]
    public string DocumentAndContains()
    {
        using var document = JsonDocument.Parse(_body);
        var message = document.RootElement.GetProperty("error").GetProperty("message").GetString()!;
        return message.Contains("credits", StringComparison.OrdinalIgnoreCase) ? "credits"
            : message.Contains("key limit", StringComparison.OrdinalIgnoreCase) ? "key"
            : message.Contains("free-models-per-day", StringComparison.OrdinalIgnoreCase) ? "free"
            : "other";
    }
}
