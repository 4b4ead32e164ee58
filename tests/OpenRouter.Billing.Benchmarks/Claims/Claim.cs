using System.Globalization;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What the library says of itself, and the row that shows it.</summary>
/// <param name="Text">What is claimed.</param>
/// <param name="Row">The name of the row.</param>
/// <param name="Figure">Which figure of the row.</param>
/// <param name="Most">The most that it may be.</param>
/// <param name="Unit">What it is counted in.</param>
internal sealed record Claim(string Text, string Row, Func<MeasuredRow, double?> Figure, double Most, string Unit = "")
{
    /// <summary>Gets the row whose time the figure is a part of; null for the baseline of its own group.</summary>
    public string? Against { get; init; }

    /// <summary>One line of the table; null when the run has not measured it.</summary>
    public string? Tell(IReadOnlyDictionary<string, MeasuredRow> run)
    {
        if (!run.TryGetValue(Row, out var row) || (Against is not null && !run.ContainsKey(Against)))
        {
            return null;
        }

        var figure = Against is null ? Figure(row) : row.Nanoseconds / run[Against].Nanoseconds;
        return figure is not { } value ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"| {Text} | {Row} | {row.Ratio:0.00} | {Show(row.AllocationRatio)} | {Show(value)}{Unit} | {Show(Most)}{Unit} | {(value <= Most ? "met" : "missed")} |");
    }

    private static string Show(double? figure) => figure is { } value ? value.ToString(value >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture) : "-";
}
