using System.Net;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api.Analytics;

/// <summary>The client against a server that meters: what it adds up is what was billed.</summary>
public sealed class AnalyticsSandboxTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task QueryAsync_ByModelAndDay_AddsUpToWhatActivitySays()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        sandbox.Account.SeedHistory(3m);
        var client = Client(sandbox);
        var today = DateTimeOffset.UtcNow.Date;
        var meta = await client.Analytics.GetMetaAsync(Cancelled);
        var query = new AnalyticsQuery
        {
            Metrics = [AnalyticsMetric.TotalUsage, AnalyticsMetric.RequestCount, AnalyticsMetric.PromptTokens],
            Dimensions = [AnalyticsDimension.Model],
            Granularity = AnalyticsGranularity.Day,
            Range = new(new DateTimeOffset(today.AddDays(-30), TimeSpan.Zero), new DateTimeOffset(today, TimeSpan.Zero)),
        };

        var result = await client.Analytics.QueryAsync(query, meta, Cancelled);
        var activity = await client.Activity.ListAsync(cancellationToken: Cancelled);

        var totals = activity.Total();
        Assert.Equal(120, result.Rows.Count);
        Assert.Equal((totals.Cost, totals.Requests, totals.PromptTokens), (result.Total(AnalyticsMetric.TotalUsage), (long)result.Total(AnalyticsMetric.RequestCount), (long)result.Total(AnalyticsMetric.PromptTokens)));
        Assert.Equal(activity.ByDay().Select(day => day.Key), result.Rows.Select(row => DateOnly.FromDateTime(row.Time!.Value.UtcDateTime)).Distinct().Order());
        foreach (var step in meta.Granularities)
        {
            Assert.Equal(totals.Cost, (await client.Analytics.QueryAsync(query with { Granularity = step.Granularity }, meta, Cancelled)).Total(AnalyticsMetric.TotalUsage));
        }
    }

    [Fact]
    public async Task QueryAsync_CutAtItsLimit_GivesNoTotalByMistake()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        sandbox.Account.SeedHistory(3m, days: 5);
        var query = new AnalyticsQuery { Metrics = [AnalyticsMetric.TotalUsage], Dimensions = [AnalyticsDimension.Model], OrderBy = new(AnalyticsMetric.TotalUsage, IsDescending: true) };

        var whole = await Client(sandbox).Analytics.QueryAsync(query, cancellationToken: Cancelled);
        var part = await Client(sandbox).Analytics.QueryAsync(query with { Limit = 3 }, cancellationToken: Cancelled);

        Assert.Equal((4, 3), (whole.Rows.Count, part.Rows.Count));
        Assert.Throws<PartialResultException>(() => part.Total(AnalyticsMetric.TotalUsage));
        Assert.Equal(whole.Rows.Take(3).Sum(row => row.Number(AnalyticsMetric.TotalUsage)), part.PartialTotal(AnalyticsMetric.TotalUsage));
        Assert.True(part.PartialTotal(AnalyticsMetric.TotalUsage) < whole.Total(AnalyticsMetric.TotalUsage));
    }

    [Fact]
    public async Task QueryAsync_WhatMetaDoesNotKnow_IsRefusedHereWithMetaAndThereWithout()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = Client(sandbox);
        var query = new AnalyticsQuery { Metrics = ["no_such_metric"] };
        var meta = await client.Analytics.GetMetaAsync(Cancelled);
        await Assert.ThrowsAsync<AnalyticsQueryException>(() => client.Analytics.QueryAsync(query, meta, Cancelled));
        Assert.Equal(0, sandbox.Requests.Count("POST /analytics/query"));
        var exception = await Assert.ThrowsAsync<OpenRouterApiException>(() => client.Analytics.QueryAsync(query, cancellationToken: Cancelled));
        Assert.Equal(HttpStatusCode.BadRequest, exception.StatusCode);
    }

    [Fact]
    public async Task QueryAsync_ConnectionCutOnce_IsAskedAgain()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        sandbox.Faults.Add("POST /analytics/query", SandboxFault.Disconnect(), times: 1);
        var client = Client(sandbox, options => (options.MaxRetries, options.RetryDelay) = (1, TimeSpan.FromMilliseconds(1)));
        Assert.Equal(0m, (await client.Analytics.QueryAsync(new AnalyticsQuery { Metrics = [AnalyticsMetric.RequestCount] }, cancellationToken: Cancelled)).Total(AnalyticsMetric.RequestCount));
        Assert.Equal(2, sandbox.Requests.Count("POST /analytics/query"));
    }

    [Fact]
    public async Task ListByKeysAndMembers_OfASandbox_AddUpToTheirRows()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var yesterday = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);
        string[] hashes = [.. Enumerable.Range(0, 12).Select(i => new string("0123456789ab"[i], 64))];
        for (var i = 0; i < hashes.Length; i++)
        {
            sandbox.Account.SeedActivity(new SandboxActivity { Date = yesterday, Model = "a/b", Usage = i, KeyHash = hashes[i], UserId = i % 2 == 0 ? "user_even" : "user_odd" });
        }

        var byKey = await Client(sandbox).Activity.ListByKeysAsync(hashes, cancellationToken: Cancelled);
        var byMember = await Client(sandbox).Activity.ListByMembersAsync(["user_even", "user_odd", "user_none"], cancellationToken: Cancelled);

        Assert.Equal(hashes.Select((_, i) => (decimal?)i), byKey.Parts.Select(part => part.Totals!.Cost));
        Assert.Equal([30m, 36m, 0m], byMember.Parts.Select(part => part.Totals!.Cost!.Value));
        Assert.Equal((66m, 66m), (byKey.Total().Cost, byMember.Total().Cost));
    }

    private static OpenRouterBillingClient Client(OpenRouterSandbox sandbox, Action<OpenRouterBillingOptions>? configure = null) =>
        BillingClientKit.Over(new SocketsHttpHandler(), options =>
        {
            (options.BaseAddress, options.ManagementKey) = (sandbox.BaseAddress, sandbox.ManagementKey);
            configure?.Invoke(options);
        });
}
