using System.Diagnostics;
using OpenRouter.Billing.AspNetCore.Tests.Gateway;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OpenRouter.Billing.AspNetCore.Tests.Telemetry;

/// <summary>What an exporter gets from the running sample, by the public names of meter and source. Alone, because it hears every guard of the process.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
[Collection("Alone")]
public sealed class OpenTelemetryTests
{
    [Fact]
    public async Task Exporter_OfARunningApp_GetsEveryInstrumentAndSpanAndNothingSecret()
    {
        var metrics = new List<Metric>();
        var spans = new List<Activity>();
        using var meters = Sdk.CreateMeterProviderBuilder().AddMeter(OpenRouterBillingTelemetry.MeterName).AddInMemoryExporter(metrics).Build();
        // The server's own span, which nobody records here, would keep the spans below it from being recorded.
        using var tracer = Sdk.CreateTracerProviderBuilder().SetSampler(new AlwaysOnSampler()).AddSource(OpenRouterBillingTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        await using var world = await GatewayWorld.StartAsync(dailyBudget: 0.0001m);

        (await world.ChatAsync("alice", GatewayWorld.Chat("canary-prompt", maxTokens: 10), "canary-project")).Dispose();
        (await world.ChatAsync("alice", GatewayWorld.Chat("canary-prompt", maxTokens: 4000), "canary-project")).Dispose();
        meters!.ForceFlush();
        tracer!.ForceFlush();

        Assert.Equal(InstrumentsOfTheReadme(), metrics.Select(metric => metric.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2, Sum(metrics, "openrouter.billing.requests"));
        Assert.Equal(0, Sum(metrics, "openrouter.billing.leases"));
        Assert.Equal(2, spans.Count(span => span.OperationName == "billing_guard.reserve"));
        Assert.Contains(spans, span => span.Status == ActivityStatusCode.Error && (string?)span.GetTagItem("error.type") == "AppBudget");
        var all = string.Join('\n', metrics.SelectMany(Tags).Concat(spans.SelectMany(span => span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))));
        Assert.Contains("outcome=refused", all, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", all, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", all, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", all, StringComparison.Ordinal);
    }

    // A key without a cap has nothing left of it to show, and a brake that is off never trips.
    private static IEnumerable<string> InstrumentsOfTheReadme() => System.Text.RegularExpressions.Regex
        .Matches(Repository.Read("README.md"), @"^\| `(openrouter\.billing\.[\w.]+)` \| `[^`]+` \|", System.Text.RegularExpressions.RegexOptions.Multiline)
        .Select(match => match.Groups[1].Value)
        .Where(name => name is not ("openrouter.billing.key.remaining" or "openrouter.billing.brake.trips"))
        .Order(StringComparer.Ordinal);

    private static long Sum(IEnumerable<Metric> metrics, string name)
    {
        long sum = 0;
        // Each guard has a meter of its own; those of other tests have nothing to say any more.
        foreach (var metric in metrics.Where(metric => metric.Name == name))
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                sum += point.GetSumLong();
            }
        }

        return sum;
    }

    private static IEnumerable<string> Tags(Metric metric)
    {
        var tags = new List<string>();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            foreach (var tag in point.Tags)
            {
                tags.Add($"{tag.Key}={tag.Value}");
            }
        }

        return tags;
    }
}
