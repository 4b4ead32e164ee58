using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.AspNetCore.Tests.Gateway;

/// <summary>The sample at work: what its users get, what they may not do, and what nobody may see.</summary>
public sealed class GatewayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Chat_WholeAndStreamed_IsPassedOnAndBookedForItsUser()
    {
        await using var world = await GatewayWorld.StartAsync();

        using var whole = await world.ChatAsync("alice");
        using var streamed = await world.ChatAsync("bob", GatewayWorld.Chat(stream: true), "support");

        Assert.Equal((HttpStatusCode.OK, "application/json"), (whole.StatusCode, whole.Content.Headers.ContentType?.MediaType));
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (streamed.StatusCode, streamed.Content.Headers.ContentType?.MediaType));
        Assert.Contains("\"choices\"", await whole.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]", (await streamed.Content.ReadAsStringAsync(Cancellation)).TrimEnd(), StringComparison.Ordinal);
        var report = await world.ReportAsync();
        Assert.Equal(world.Sandbox.Account.TotalUsage, report["spend"]!["total"]!.GetValue<decimal>());
        Assert.Equal(2, report["spend"]!["requests"]!.GetValue<long>());
        Assert.Equal(["search", "support"], report["spend"]!["byProject"]!.AsArray().Select(share => share!["name"]!.GetValue<string>()).Order());
        Assert.Equal([GatewayWorld.PaidModel], report["spend"]!["byModel"]!.AsArray().Select(share => share!["name"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_BudgetOfTheDayIsSpent_Is402BeforeTheFirstByteAndShowsOnThePage(bool stream)
    {
        await using var world = await GatewayWorld.StartAsync(dailyBudget: 0.000001m);

        using var refused = await world.ChatAsync("alice", GatewayWorld.Chat(stream: stream));
        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Cancellation))!;

        Assert.Equal((HttpStatusCode.PaymentRequired, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Equal(("AppBudget", "Daily, endpoint, Member"), (problem["cause"]!.GetValue<string>(), problem["limit"]!.GetValue<string>()));
        Assert.NotNull(problem["resetsAt"]);
        Assert.Equal(0, world.Sandbox.Requests.Count("POST /chat/completions"));
        var refusal = Assert.Single((await world.ReportAsync())["refusals"]!.AsArray())!;
        Assert.Equal(("AppBudget", "alice", "search"), (refusal["cause"]!.GetValue<string>(), refusal["member"]!.GetValue<string>(), refusal["project"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Chat_NotSignedIn_Is401AndReachesNobody()
    {
        await using var world = await GatewayWorld.StartAsync();

        using var response = await world.ChatAsync(null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, world.Sandbox.Requests.Total);
    }

    [Fact]
    public async Task Chat_FreeRequestsAreUsedUp_Is429WithTheTimeToWait()
    {
        await using var world = await GatewayWorld.StartAsync();
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        using var response = await world.ChatAsync("alice", GatewayWorld.Chat(model: "meta-llama/llama-3.3-70b-instruct:free"));

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Chat_ServerFails_Is502WithoutItsWords()
    {
        await using var world = await GatewayWorld.StartAsync();
        world.Sandbox.Faults.Add("POST /chat/completions", SandboxFault.Answer(500, """{"error":{"code":500,"message":"canary-upstream"}}"""));

        using var response = await world.ChatAsync("alice");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.DoesNotContain("canary", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_BodyTooLarge_Is413AndReachesNobody()
    {
        await using var world = await GatewayWorld.StartAsync();

        using var response = await world.ChatAsync("alice", GatewayWorld.Chat(new string('a', 300 * 1024)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(0, world.Sandbox.Requests.Count("POST /chat/completions"));
    }

    [Fact]
    public async Task Chat_BodyThatNeverComes_IsCutOffAndHoldsNothing()
    {
        // The least rate is Kestrel's own setting; here it is strict, so that the test need not wait long.
        await using var world = await GatewayWorld.StartAsync(configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinRequestBodyDataRate = new(1000, TimeSpan.FromSeconds(1.1))));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", world.Address.Port, Cancellation);
        var stream = client.GetStream();
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:" + world.Password));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /chat HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"), Cancellation);

        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(Cancellation);

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Equal(0, world.Sandbox.Requests.Count("POST /chat/completions"));
    }

    [Fact]
    public async Task Chat_ServerIsAwayForAWhile_EveryRequestIsAnsweredAndItWorksAgain()
    {
        await using var first = await OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
        var port = first.BaseAddress.Port;
        await using var gateway = await ChatGateway.Gateway.StartAsync(new ChatGateway.GatewayOptions { Port = 0, DailyBudget = 1m, ApiKey = first.ApiKey, ManagementKey = first.ManagementKey, BaseAddress = first.BaseAddress });
        using var http = new HttpClient { BaseAddress = gateway.Address };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:" + gateway.Password)));
        Assert.Equal(HttpStatusCode.OK, await SendAsync());

        await first.DisposeAsync();
        var away = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync()));
        await using var second = await OpenRouterSandbox.StartAsync(options => (options.Port, options.ApiKey, options.ManagementKey) = (port, first.ApiKey, first.ManagementKey), Cancellation);
        var back = await SendAsync();

        Assert.All(away, status => Assert.Equal(HttpStatusCode.BadGateway, status));
        Assert.Equal(HttpStatusCode.OK, back);

        async Task<HttpStatusCode> SendAsync()
        {
            using var response = await http.PostAsync(new Uri("chat/search", UriKind.Relative), new StringContent(GatewayWorld.Chat(), Encoding.UTF8, "application/json"), Cancellation);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Report_AfterSomeChats_EqualsTheServersFigures()
    {
        await using var world = await GatewayWorld.StartAsync();
        for (var chat = 0; chat < 3; chat++)
        {
            (await world.ChatAsync("alice")).Dispose();
        }

        var report = await world.ReportAsync();

        Assert.Equal("known", report["balance"]!["state"]!.GetValue<string>());
        // The balance is as last read; what was spent since is on its limit.
        var balance = report["limits"]!.AsArray().Single(limit => limit!["name"]!.GetValue<string>() == "Account balance")!;
        Assert.Equal(world.Sandbox.Account.Balance, balance["remaining"]!.GetValue<decimal>());
        Assert.Equal(world.Sandbox.Account.TotalUsage, report["spend"]!["today"]!.GetValue<decimal>());
        Assert.Equal(30, report["accountDays"]!.AsArray().Count);
    }

    [Fact]
    public async Task Report_CapsAndBudgets_SayWhetherTheyLast()
    {
        await using var world = await GatewayWorld.StartAsync();
        world.Sandbox.Account.Keys[0].Limit = 5m;
        (await world.ChatAsync("alice")).Dispose();

        var forecasts = (await world.ReportAsync())["limitForecasts"]!.AsArray();
        var page = await world.As("admin").GetStringAsync(new Uri("billing", UriKind.Relative), Cancellation);

        Assert.Equal(2, forecasts.Count);
        Assert.StartsWith("Key", forecasts[0]!["name"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(forecasts[0]!["remaining"]!.GetValue<decimal>() is > 0 and <= 5m);
        Assert.StartsWith("App budget", forecasts[1]!["name"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(forecasts[1]!["resetsAt"]);
        // A day old, the app knows too little, and says so instead of a date.
        Assert.Equal("Unknown", forecasts[1]!["outcome"]!.GetValue<string>());
        Assert.Contains("Will it last?", page, StringComparison.Ordinal);
        Assert.Contains(HtmlEncoder.Default.Encode(forecasts[1]!["missing"]!.GetValue<string>()), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_AlertsOfAllKinds_AreInItAndNeverMoreThanFit()
    {
        await using var world = await GatewayWorld.StartAsync(sandbox: sandbox => sandbox.InitialCredits = 0.000001m);
        var alerts = world.Services.GetRequiredKeyedService<AlertNotes>(string.Empty);
        for (var number = 1; number <= 30; number++)
        {
            await alerts.SendAsync(new BillingAlert { Id = $"{number}", Kind = AlertKind.Balance, Severity = AlertSeverity.Info, Message = $"<b>Number {number}</b>", RaisedAt = DateTimeOffset.UtcNow }, Cancellation);
        }

        world.Sandbox.Account.Charge(1m);
        var shown = (await world.ReportAsync())["alerts"]!.AsArray();
        var page = await world.As("admin").GetStringAsync(new Uri("billing", UriKind.Relative), Cancellation);

        Assert.Contains("Account balance: spent.", shown.Select(alert => alert!["text"]!.GetValue<string>()));
        Assert.Equal(10, shown.Count(alert => alert!["severity"]!.GetValue<string>() == "info"));
        Assert.Contains("&lt;b&gt;Number 30&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Number 20&", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_OfAGoodAccount_IsHealthyAndTellsNoFigures()
    {
        await using var world = await GatewayWorld.StartAsync();

        using var response = await world.As(null).GetAsync(new Uri("health", UriKind.Relative), Cancellation);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task Everything_PlantedCanaries_AppearsInNoPageProblemOrLog()
    {
        await using var world = await GatewayWorld.StartAsync(dailyBudget: 0.0001m, sandbox => sandbox.OutputTokens = 30);
        var seen = new StringBuilder();
        foreach (var (prompt, tokens) in new[] { ("canary-prompt-one", 10), ("canary-prompt-two", 4000) })
        {
            using var response = await world.ChatAsync("alice", GatewayWorld.Chat(prompt, maxTokens: tokens));
            if (!response.IsSuccessStatusCode)
            {
                seen.Append(await response.Content.ReadAsStringAsync(Cancellation)).Append(response.Headers);
            }
        }

        using var unreadable = await world.ChatAsync("alice", "{ \"canary-prompt-three\" ");
        seen.Append(await unreadable.Content.ReadAsStringAsync(Cancellation));
        foreach (var path in new[] { "billing", "billing/report.json", "billing/dashboard.js", "health" })
        {
            seen.Append(await world.As("admin").GetStringAsync(new Uri(path, UriKind.Relative), Cancellation));
        }

        var all = seen.Append(world.Log.All).ToString();
        Assert.Contains("AppBudget", all, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-prompt", all, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Sandbox.ApiKey, all, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Sandbox.ManagementKey, all, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Password, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NamesWithMarkup_ShowsThemAsText()
    {
        await using var world = await GatewayWorld.StartAsync();
        var model = "\"><script>alert(1)</script>";
        (await world.ChatAsync("alice", GatewayWorld.Chat(model: model))).Dispose();
        (await world.ChatAsync("alice", project: "%3Cimg%20src=x%20onerror=alert(1)%3E")).Dispose();

        var page = await world.As("admin").GetStringAsync(new Uri("billing", UriKind.Relative), Cancellation);

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void CommandLine_WhatIsNotUnderstood_IsSaid()
    {
        Assert.False(ChatGateway.GatewayOptions.TryParse(["--port", "many"], out _, out var problem));
        Assert.Contains("--port many", problem, StringComparison.Ordinal);
        Assert.False(ChatGateway.GatewayOptions.TryParse(["--for", "86401"], out _, out _));
        Assert.True(ChatGateway.GatewayOptions.TryParse(["--port", "0", "--budget", "0.5", "--for", "3"], out var options, out _));
        Assert.Equal((0, 0.5m, TimeSpan.FromSeconds(3)), (options.Port, options.DailyBudget, options.For));
    }
}
