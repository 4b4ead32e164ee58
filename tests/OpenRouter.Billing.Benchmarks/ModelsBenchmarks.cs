using System.Globalization;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A catalogue of 350 models: what reading it takes, beside the framework's own reading of the same bytes.</summary>
[BenchmarkCategory("Models")]
public class ModelsBenchmarks
{
    private readonly byte[] _body = Inputs.Models(350);

    [Benchmark(Baseline = true)]
    public int BareDeserialization() => JsonSerializer.Deserialize(_body, BareContext.Default.BareModels)!.Data.Count;

    [Benchmark]
    public int Reader() => Listings().Length;

    /// <summary>The same, ready to be looked up by every name that requests use.</summary>
    [Benchmark]
    public object PriceList() => new PriceList(Listings());

    [Benchmark]
    public decimal Document()
    {
        using var document = JsonDocument.Parse(_body);
        var sum = 0m;
        foreach (var model in document.RootElement.GetProperty("data").EnumerateArray())
        {
            var prices = model.GetProperty("pricing");
            sum += decimal.Parse(prices.GetProperty("prompt").GetString()!, CultureInfo.InvariantCulture) + decimal.Parse(prices.GetProperty("completion").GetString()!, CultureInfo.InvariantCulture);
        }

        return sum;
    }

    private ModelListing[] Listings() => [.. JsonSerializer.Deserialize(_body, WireContext.Default.ModelsPayload)!.ToModelListings()];
}
