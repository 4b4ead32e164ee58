using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class SessionCostsClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_OfTheSandbox_ReadsRowsAndTheirDays()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = new OpenRouterBillingClient(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ApiKey, options.ManagementKey) = (sandbox.BaseAddress, sandbox.ApiKey, null)));
        var costs = await client.SessionCosts.GetAsync(new SessionCostQuery { AppSlug = "sandbox-agent", Turns = TurnRange.TenToFortyNine }, Cancelled);
        Assert.NotEmpty(costs.Rows);
        Assert.All(costs.Rows, row => Assert.Equal(("sandbox-agent", TurnRange.TenToFortyNine), (row.AppSlug, row.Turns)));
        Assert.Contains(costs.Rows, row => row.Median > 0);
        Assert.Equal((30L, "v1", DayOfWeek.Sunday), (costs.WindowDays, costs.Version, costs.WindowEnd!.Value.DayOfWeek));
        Assert.Empty((await client.SessionCosts.GetAsync(new SessionCostQuery { Model = "no/such" }, Cancelled)).Rows);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(499, 1)]
    [InlineData(500, 2)]
    [InlineData(1_234, 3)]
    [InlineData(9_000, 11)]
    public async Task GetAsync_ManyRows_ReadsToTheShortPageOrTheFurthestOffset(int rows, int pages)
    {
        var handler = Serving((offset, _) => (Enumerable.Range(offset, Math.Clamp(rows - offset, 0, 500)), "2026-11-22"));
        var costs = await BillingClientKit.Over(handler).SessionCosts.GetAsync(cancellationToken: Cancelled);
        Assert.Equal(Math.Min(rows, 5_500), costs.Rows.Count);
        Assert.Equal(pages, handler.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_RowsMoveToALaterPage_GivesEachOnce()
    {
        var handler = Serving((offset, call) => (Enumerable.Range(offset - (call * 7), Math.Clamp(600 + (call * 7) - offset, 0, 500)), null));
        var rows = (await BillingClientKit.Over(handler).SessionCosts.GetAsync(cancellationToken: Cancelled)).Rows;
        Assert.Equal(rows.Select(row => row.AppSlug).Distinct().Count(), rows.Count);
    }

    [Fact]
    public async Task GetAsync_MadeAnewWhileRead_NeverMixesTwoWeeks()
    {
        // The third call finds the new week, and so the reading begins again.
        var handler = Serving((offset, call) => (Enumerable.Range(offset + (call < 2 ? 0 : 10_000), Math.Clamp(1_200 - offset, 0, 500)), call < 2 ? "2026-11-22" : "2026-11-29"));
        var costs = await BillingClientKit.Over(handler).SessionCosts.GetAsync(cancellationToken: Cancelled);
        Assert.Equal((new DateOnly(2026, 11, 29), 1_200, 6), (costs.WindowEnd, costs.Rows.Count, handler.Requests.Count));
        Assert.All(costs.Rows, row => Assert.True(int.Parse(row.AppSlug, CultureInfo.InvariantCulture) >= 10_000));
    }

    [Fact]
    public async Task GetAsync_MadeAnewWithEveryPage_EndsTyped()
    {
        var handler = Serving((offset, call) => (Enumerable.Range(offset, 500), new DateOnly(2026, 1, 1).AddDays(call).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        await Assert.ThrowsAsync<OpenRouterApiException>(() => BillingClientKit.Over(handler).SessionCosts.GetAsync(cancellationToken: Cancelled));
        Assert.Equal(6, handler.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_CancelledBetweenPages_AsksNoMore()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var handler = Serving((offset, call) =>
        {
            if (call == 1)
            {
                stop.Cancel();
            }

            return (Enumerable.Range(offset, 500), null);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BillingClientKit.Over(handler).SessionCosts.GetAsync(cancellationToken: stop.Token));
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_TooManyCalls_SaysSo()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
        var client = new OpenRouterBillingClient(new HttpClient(new SocketsHttpHandler()), TestData.Options(options => (options.BaseAddress, options.ApiKey, options.MaxRetries) = (sandbox.BaseAddress, sandbox.ApiKey, 0)));
        for (var i = 0; i < 30; i++)
        {
            await client.SessionCosts.GetAsync(cancellationToken: Cancelled);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Assert.ThrowsAsync<OpenRouterApiException>(() => client.SessionCosts.GetAsync(cancellationToken: Cancelled))).StatusCode);
    }

    private static ScriptedHandler Serving(Func<int, int, (IEnumerable<int> Rows, string? WindowEnd)> serve)
    {
        var call = 0;
        return new ScriptedHandler(request =>
        {
            var (rows, end) = serve(int.Parse(request.Query.Split("offset=")[1], CultureInfo.InvariantCulture), call++);
            return StubHandler.Json(new JsonObject
            {
                ["data"] = new JsonArray([.. rows.Select(i => new JsonObject { ["app_slug"] = i.ToString(CultureInfo.InvariantCulture), ["turn_range"] = "1-turn", ["median_session_cost_usd"] = 0.5m })]),
                ["meta"] = new JsonObject { ["window_end_date"] = end },
            }.ToJsonString());
        });
    }
}
