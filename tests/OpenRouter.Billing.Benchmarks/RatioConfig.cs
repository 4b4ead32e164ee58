using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>Minutes instead of hours, and one table of ratios: what counts is what the guard adds to what is there anyway.</summary>
internal sealed class RatioConfig : ManualConfig
{
    public RatioConfig()
    {
        // It waits for benchmarks that are asynchronous, and for no such setup.
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            // All in one process: code that has just been compiled must be compiled again, well, before it is measured.
            .WithWarmupCount(12)
            .WithIterationCount(12)
            .WithIterationTime(TimeInterval.FromMilliseconds(120)));
        AddLogger(ConsoleLogger.Default);
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(CategoriesColumn.Default, TargetMethodColumn.Method, StatisticColumn.Median, StatisticColumn.StdDev);
        AddColumnProvider(DefaultColumnProviders.Params, DefaultColumnProviders.Metrics);
        AddColumn(BaselineRatioColumn.RatioMean, new AddedColumn("Added time", AddedColumn.Time), new AddedColumn("Added bytes", AddedColumn.Bytes));
        AddExporter(MarkdownExporter.GitHub);
        AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByCategory, BenchmarkLogicalGroupRule.ByParams);
        WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared));
        WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
        WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(30));
    }
}
