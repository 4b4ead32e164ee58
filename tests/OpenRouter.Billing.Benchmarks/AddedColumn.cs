using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What a benchmark costs more than the baseline of its group.</summary>
/// <param name="columnName">The heading.</param>
/// <param name="measure">Which figure: nanoseconds or bytes.</param>
internal sealed class AddedColumn(string columnName, Func<BenchmarkReport, decimal?> measure) : IColumn
{
    public string Id => nameof(AddedColumn) + columnName;

    public string ColumnName => columnName;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Baseline;

    public int PriorityInCategory => 1;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => $"{columnName}: beyond the baseline of the group, in nanoseconds or bytes per operation";

    public static decimal? Time(BenchmarkReport report) => report.ResultStatistics is { } statistics ? (decimal)statistics.Median : null;

    public static decimal? Bytes(BenchmarkReport report) => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var group = summary.GetLogicalGroupKey(benchmarkCase);
        var baseline = summary.BenchmarksCases.FirstOrDefault(other => summary.IsBaseline(other) && summary.GetLogicalGroupKey(other) == group);
        return baseline is not null && summary[baseline] is { } floor && summary[benchmarkCase] is { } own && measure(own) - measure(floor) is { } added
            ? added.ToString("N0", CultureInfo.InvariantCulture)
            : "-";
    }

    public override string ToString() => columnName;
}
