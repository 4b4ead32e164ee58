using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>The guard on clients of a factory, whose options change and whose defaults apply to every client.</summary>
public sealed class BillingGuardHttpClientBuilderExtensionsTests
{
    private const string Chat = "POST chat/completions";
    private const string SpentCredits = """{"data":{"total_credits":1,"total_usage":1}}""";

    private static readonly ServiceProviderOptions Strict = new() { ValidateScopes = true, ValidateOnBuild = true };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddOpenRouterBillingGuard_BaseAddressIsReloaded_RequestsOfAClientThatIsKeptAreGuardedAtOnce()
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Billing:ApiKey", TestData.ApiKey), new("Billing:ManagementKey", TestData.ManagementKey)])
            .Build();
        using var server = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", SpentCredits).On(Chat, Bodies.Chat);
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(settings.GetSection("Billing")).HttpClient.ConfigurePrimaryHttpMessageHandler(() => server);
        services.AddHttpClient("chat").AddOpenRouterBillingGuard().ConfigurePrimaryHttpMessageHandler(() => server);
        await using var provider = services.BuildServiceProvider(Strict);
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("chat");
        await Assert.ThrowsAsync<InsufficientCreditsException>(() => SendAsync(http, "https://openrouter.ai/api/v1/chat/completions"));

        settings["Billing:BaseAddress"] = "https://eu.openrouter.ai/api/v1";
        settings.Reload();

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => SendAsync(http, "https://eu.openrouter.ai/api/v1/chat/completions"));
        Assert.Equal(0, server.Count(Chat));
    }

    [Fact]
    public async Task AddOpenRouterBillingGuard_OnEveryClientBeforeTheAccount_CountsOnceAndReadsTheAccount()
    {
        using var server = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody).On(Chat, """{"usage":{"cost":0.01}}""");
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new ManualTimeProvider());
        services.ConfigureHttpClientDefaults(client => client.AddOpenRouterBillingGuard().ConfigurePrimaryHttpMessageHandler(() => server));
        services.AddHttpClient("chat").AddOpenRouterBillingGuard();
        services.AddOpenRouterBilling(options => (options.ApiKey, options.ManagementKey) = (TestData.ApiKey, TestData.ManagementKey))
            .HttpClient.ConfigurePrimaryHttpMessageHandler(() => server);
        await using var provider = services.BuildServiceProvider(Strict);
        using var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("chat");

        (await SendAsync(http, GuardedClient.ChatAddress)).Dispose();

        var decision = await provider.GetRequiredService<IBillingGuard>().EvaluateAsync(new BillableRequest { Model = "some/model" }, Cancellation);
        Assert.Equal(0.01m, decision.Limits.Single(limit => limit.Cause == BillingCause.AccountCredits).Used);
        Assert.Equal(1, server.Count(Chat));
    }

    [Fact]
    public void AddOpenRouterBillingGuard_NoBuilder_Throws() => Assert.Throws<ArgumentNullException>("builder", () => ((IHttpClientBuilder)null!).AddOpenRouterBillingGuard());

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string address)
    {
        using var request = GuardedClient.Chat();
        request.RequestUri = new Uri(address);
        return await http.SendAsync(request, Cancellation);
    }
}
