using System.Net.Http.Json;

namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public async Task QuickStart_Run_LeavesThePrintedBalance()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 0.01m, TestContext.Current.CancellationToken);

        using var http = new HttpClient { BaseAddress = sandbox.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", sandbox.ApiKey);
        using var answer = await http.PostAsJsonAsync(
            "chat/completions",
            new
            {
                model = "openai/gpt-4o-mini",
                max_tokens = 100,
                messages = new[] { new { role = "user", content = "Hello" } },
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(0.0099895m, sandbox.Account.Balance);
    }
}
