using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class UnregisteredAccountTests
{
    [Theory]
    [InlineData(null, "none")]
    [InlineData("first", "'first'")]
    [InlineData("", "the unnamed one")]
    [InlineData("first third", "'first', 'third'")]
    public void CreateClient_GuardOfAnAccountThatNobodyRegistered_SaysWhichThereAre(string? registered, string shown)
    {
        var services = new ServiceCollection();
        foreach (var account in registered?.Split(' ') ?? [])
        {
            services.AddOpenRouterBilling(account, options => options.ApiKey = TestData.ApiKey);
        }

        services.AddHttpClient("chat").AddOpenRouterBillingGuard("second");
        using var provider = services.BuildServiceProvider();

        var wrong = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpClientFactory>().CreateClient("chat"));

        Assert.Equal($"No billing account 'second' is registered (registered: {shown}): call AddOpenRouterBilling on the services, or pass the account's name to AddOpenRouterBillingGuard.", wrong.Message);
    }
}
