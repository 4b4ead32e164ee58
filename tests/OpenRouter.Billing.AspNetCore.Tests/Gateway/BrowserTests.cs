using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace OpenRouter.Billing.AspNetCore.Tests.Gateway;

/// <summary>The dashboard of the running sample, in a real browser.</summary>
public sealed class BrowserTests(BrowserFixture fixture) : IClassFixture<BrowserFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_Loaded_ShowsTheFiguresOfTheReportAndOfTheServerWithoutAFaultOrAStranger()
    {
        await using var world = await WithChatsAsync();
        await using var visit = await OpenAsync(world);

        var report = await world.ReportAsync();
        Assert.Equal(report["balance"]!["remaining"]!.GetValue<decimal>(), await visit.FigureAsync("#balance data"));
        Assert.Equal(report["spend"]!["today"]!.GetValue<decimal>(), await visit.FigureAsync("#spent-today data"));
        Assert.Equal(world.Sandbox.Account.TotalUsage, await visit.FigureAsync("#spent-today data"));
        Assert.Equal(report["freeRequests"]!["remaining"]!.GetValue<decimal>(), await visit.FigureAsync("#free-requests data"));
        Assert.Equal(report["spend"]!["byProject"]!.AsArray().Count, await visit.Page.Locator("section[aria-labelledby=projects] tbody tr").CountAsync());
        Assert.Equal(30, await visit.Page.Locator("section[aria-labelledby=spend-days] rect.bar").CountAsync());
        visit.HasNoFaults();
    }

    [Fact]
    public async Task Page_AChatIsRefusedMeanwhile_ShowsItWithoutReloading()
    {
        await using var world = await GatewayWorld.StartAsync(dailyBudget: 0.000001m);
        await using var visit = await OpenAsync(world, clock: true);
        await visit.Page.EvaluateAsync("() => { window.untouched = true; }");
        Assert.Equal(0, await visit.Page.Locator("section[aria-labelledby=refusals] li").CountAsync());

        (await world.ChatAsync("alice")).Dispose();
        // The page asks every ten seconds, by a clock that is moved here; an answer may still be the report of a moment before.
        while (await visit.Page.Locator("section[aria-labelledby=refusals] li").CountAsync() == 0)
        {
            Cancellation.ThrowIfCancellationRequested();
            await visit.Page.RunAndWaitForResponseAsync(() => visit.Page.Clock.FastForwardAsync(11_000), response => response.Url.EndsWith("/billing", StringComparison.Ordinal));
            await visit.Page.EvaluateAsync("() => Promise.resolve()");
        }

        Assert.Contains("AppBudget", await visit.Page.Locator("section[aria-labelledby=refusals] li").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("alice", await visit.Page.Locator("section[aria-labelledby=refusals] li").InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.untouched === true"));
        visit.HasNoFaults();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Page_LightDarkWideOrNarrow_IsAccessibleAndFitsItsWidth(ColorScheme scheme, int width)
    {
        await using var world = await WithChatsAsync();
        await using var visit = await OpenAsync(world, scheme, width);

        var result = await visit.Page.RunAxe();
        var serious = result.Violations.Where(violation => violation.Impact is "serious" or "critical").Select(violation => $"{violation.Id}: {string.Join(' ', violation.Nodes.Select(node => node.Html))}");
        await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(BrowserFixture.Screenshots, $"dashboard-{(scheme == ColorScheme.Dark ? "dark" : "light")}-{width}.png"), FullPage = width > 400 });

        Assert.NotEmpty(result.Passes);
        Assert.Empty(serious);
        Assert.True(await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= width, "The page is wider than the screen.");
        visit.HasNoFaults();
    }

    [Fact]
    public async Task Page_WithoutJavaScript_ShowsTheSameFigures()
    {
        await using var world = await WithChatsAsync();
        await using var visit = await OpenAsync(world, javaScript: false);

        Assert.Equal((await world.ReportAsync())["balance"]!["remaining"]!.GetValue<decimal>(), await visit.FigureAsync("#balance data"));
        Assert.False(await visit.Page.Locator("#pause").IsVisibleAsync());
        await visit.Page.Locator("#spend-days-table summary").ClickAsync();
        Assert.True(await visit.Page.Locator("#spend-days-table table").IsVisibleAsync());
    }

    [Fact]
    public async Task Page_ByKeyboardAlone_CanBePausedAndRead()
    {
        await using var world = await WithChatsAsync();
        await using var visit = await OpenAsync(world);

        await visit.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to the figures", await visit.Page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Enter");

        Assert.Equal("Resume updates", await visit.Page.Locator("#pause").InnerTextAsync());
        Assert.Equal("Updates are paused.", await visit.Page.Locator("#status").InnerTextAsync());
        visit.HasNoFaults();
    }

    private static async Task<GatewayWorld> WithChatsAsync()
    {
        var world = await GatewayWorld.StartAsync(dailyBudget: 0.01m, sandbox => sandbox.OutputTokens = 900);
        foreach (var (user, project, model, tokens) in new[]
        {
            ("alice", "search", "openai/gpt-4o-mini", 900), ("bob", "support", "openai/gpt-5-nano", 900), ("bob", "search", "openai/gpt-4o-mini", 400),
            ("alice", "summaries", "openai/gpt-5.2", 90), ("bob", "support", "openai/gpt-5.2", 200_000),
        })
        {
            (await world.ChatAsync(user, GatewayWorld.Chat("Hello", model, maxTokens: tokens), project)).Dispose();
        }

        return world;
    }

    private async Task<Visit> OpenAsync(GatewayWorld world, ColorScheme scheme = ColorScheme.Light, int width = 1280, bool javaScript = true, bool clock = false)
    {
        var context = await fixture.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            JavaScriptEnabled = javaScript,
            ViewportSize = new() { Width = width, Height = 900 },
            HttpCredentials = new() { Username = "admin", Password = world.Password },
        });
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page, world.Address);
        if (clock)
        {
            await page.Clock.InstallAsync();
        }

        var answer = await page.GotoAsync(new Uri(world.Address, "billing").ToString(), new() { Timeout = 60_000 });
        Assert.Equal(200, answer?.Status);
        return visit;
    }

    private sealed class Visit : IAsyncDisposable
    {
        private readonly IBrowserContext _context;
        private readonly ConcurrentQueue<string> _faults = new();

        public Visit(IBrowserContext context, IPage page, Uri address)
        {
            (_context, Page) = (context, page);
            page.Console += (_, message) => Note(message.Type is "error" or "warning", $"{message.Type}: {message.Text}");
            page.PageError += (_, error) => Note(true, error);
            page.RequestFailed += (_, request) => Note(true, $"failed: {request.Url} {request.Failure}");
            page.Request += (_, request) => Note(!request.Url.StartsWith(address.ToString(), StringComparison.Ordinal), $"to another host: {request.Url}");
        }

        public IPage Page { get; }

        public async Task<decimal> FigureAsync(string selector) =>
            decimal.Parse((await Page.Locator(selector).GetAttributeAsync("value"))!, CultureInfo.InvariantCulture);

        public void HasNoFaults() => Assert.Empty(_faults);

        public async ValueTask DisposeAsync() => await _context.DisposeAsync();

        private void Note(bool isFault, string text)
        {
            if (isFault)
            {
                _faults.Enqueue(text);
            }
        }
    }
}
