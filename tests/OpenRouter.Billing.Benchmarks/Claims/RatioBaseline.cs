using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What an earlier run measured, to tell what has become worse since.</summary>
/// <remarks>Only ratios and bytes: they mean the same on another machine, and times do not.</remarks>
internal sealed partial class RatioBaseline(IReadOnlyDictionary<string, RatioBaseline.Figures> rows)
{
    /// <summary>By how much a ratio may be worse than it was: runs on a machine that does other work differ by this much.</summary>
    public const double TimeMargin = 0.3;

    /// <summary>By how much more may be allocated.</summary>
    public const double BytesMargin = 0.1;

    // What is allocated now and then, spread over few operations.
    private const double BytesSlack = 64;

    public static RatioBaseline Of(IEnumerable<MeasuredRow> run) =>
        new(run.ToDictionary(row => row.Name, row => new Figures(Math.Round(row.Ratio, 2), Math.Round(row.Bytes))));

    public static RatioBaseline Read(string json) => new(JsonSerializer.Deserialize(json, Context.Default.DictionaryStringFigures)!);

    public string Write() => JsonSerializer.Serialize(rows.ToDictionary(), Context.Default.DictionaryStringFigures) + "\n";

    /// <summary>Names what became worse by more than the margin. Rows that only one of the two has are passed over: a run may be of one category.</summary>
    public IReadOnlyList<string> FindWorse(IEnumerable<MeasuredRow> run)
    {
        var worse = new List<string>();
        foreach (var row in run)
        {
            if (!rows.TryGetValue(row.Name, out var was))
            {
                continue;
            }

            if (row.Ratio > was.Ratio * (1 + TimeMargin))
            {
                worse.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Name}: {row.Ratio:0.00} times its baseline's time, and was {was.Ratio:0.00}"));
            }

            if (row.Bytes > (was.Bytes * (1 + BytesMargin)) + BytesSlack)
            {
                worse.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Name}: allocates {row.Bytes:N0} bytes, and did {was.Bytes:N0}"));
            }
        }

        return worse;
    }

    internal sealed record Figures(double Ratio, double Bytes);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(Dictionary<string, Figures>))]
    private sealed partial class Context : JsonSerializerContext;
}
