using System.Net.Http.Headers;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests;

public sealed class SmokeTests
{
    [Fact]
    public async Task Chat_OnTheSandbox_IsAdmittedAndBooked()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var options = new OpenRouterBillingOptions { ApiKey = sandbox.ApiKey, ManagementKey = sandbox.ManagementKey, BaseAddress = sandbox.BaseAddress };
        using var plain = new HttpClient();
        var guard = new BillingGuard(plain, options);
        using var http = new HttpClient(new BillingGuardHandler(guard, options) { InnerHandler = new SocketsHttpHandler() });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.ApiKey);
        using var body = new StringContent("""{"model":"openai/gpt-4o-mini","max_tokens":100,"messages":[{"role":"user","content":"hello"}]}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri(sandbox.BaseAddress, "chat/completions"), body, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var client = new OpenRouterBillingClient(plain, options);
        Assert.True((await client.Credits.GetAsync(TestContext.Current.CancellationToken)).TotalUsage > 0);
        Assert.False((await client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken)).IsManagementKey);
        await client.Activity.ListAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotNull(TestData.ApiKey);
    }
}
