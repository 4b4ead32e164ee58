using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What a run came to: a table of claims, and what became worse.</summary>
internal sealed class Conclusion(IEnumerable<Summary> summaries)
{
    private readonly MeasuredRow[] _rows = [.. summaries.SelectMany(Rows)];

    /// <summary>Prints the table of what was measured.</summary>
    public void Tell(TextWriter output)
    {
        var run = _rows.ToDictionary(row => row.Name);
        var lines = Claims.All.Select(claim => claim.Tell(run)).OfType<string>().ToArray();
        if (lines.Length > 0)
        {
            output.WriteLine();
            output.WriteLine("| Claim | Row | Ratio | Allocation ratio | Figure | At most | |");
            output.WriteLine("|---|---|--:|--:|--:|--:|---|");
            Array.ForEach(lines, output.WriteLine);
        }
    }

    /// <summary>Names what became worse than a baseline says, and ends with 1 when something did.</summary>
    public int Compare(string path, TextWriter output)
    {
        var worse = RatioBaseline.Read(File.ReadAllText(path)).FindWorse(_rows);
        output.WriteLine();
        output.WriteLine(worse.Count == 0 ? "Nothing is worse than the baseline." : $"Worse than the baseline, by more than {RatioBaseline.TimeMargin:P0} of the time or {RatioBaseline.BytesMargin:P0} of the memory:");
        foreach (var row in worse)
        {
            output.WriteLine("  " + row);
        }

        return worse.Count == 0 ? 0 : 1;
    }

    public void Write(string path) => File.WriteAllText(path, RatioBaseline.Of(_rows).Write());

    private static IEnumerable<MeasuredRow> Rows(Summary summary)
    {
        foreach (var own in summary.BenchmarksCases)
        {
            var group = summary.GetLogicalGroupKey(own);
            var floor = summary.BenchmarksCases.FirstOrDefault(other => summary.IsBaseline(other) && summary.GetLogicalGroupKey(other) == group);
            if (floor is not null && floor != own && summary[own] is { ResultStatistics: not null } report && summary[floor] is { ResultStatistics: not null } bare)
            {
                yield return Row(own, report, bare);
            }
        }
    }

    private static MeasuredRow Row(BenchmarkCase own, BenchmarkReport report, BenchmarkReport floor)
    {
        var (time, floorTime) = ((double)AddedColumn.Time(report)!, (double)AddedColumn.Time(floor)!);
        var (bytes, floorBytes) = ((double)(AddedColumn.Bytes(report) ?? 0), (double)(AddedColumn.Bytes(floor) ?? 0));
        string[] name = [.. own.Descriptor.Categories, .. own.Parameters.Items.Select(parameter => $"{parameter.Value}"), own.Descriptor.WorkloadMethod.Name];
        return new MeasuredRow(string.Join(' ', name), time / floorTime, floorBytes == 0 ? null : bytes / floorBytes, time, time - floorTime, bytes, bytes - floorBytes);
    }
}
