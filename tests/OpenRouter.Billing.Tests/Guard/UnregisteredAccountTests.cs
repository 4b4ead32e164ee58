using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.Tests.Guard;

public sealed class UnregisteredAccountTests
{
    [Theory]
    [InlineData(null, "none")]
    [InlineData("first", "'first'")]
    [InlineData("", "the unnamed one")]
    public void CreateClient_GuardOfAnAccountThatNobodyRegistered_SaysWhichThereAre(string? registered, string shown)
    {
        var services = new ServiceCollection();
        if (registered is not null)
        {
            services.AddOpenRouterBilling(registered, options => options.ApiKey = TestData.ApiKey);
        }

        services.AddHttpClient("chat").AddOpenRouterBillingGuard("second");
        using var provider = services.BuildServiceProvider();

        var wrong = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpClientFactory>().CreateClient("chat"));

        Assert.Contains("No billing account 'second' is registered", wrong.Message, StringComparison.Ordinal);
        Assert.Contains($"(registered: {shown})", wrong.Message, StringComparison.Ordinal);
    }
}
