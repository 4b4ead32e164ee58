using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests.Purchases;

/// <summary>What a container hands out, on a sandbox.</summary>
public sealed class PurchasesRegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddReload_OnASandbox_ReloadsAndNoticesTheCredits()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.InitialCredits = 3, Token);
        var services = new ServiceCollection().AddSingleton(sandbox);
        services.AddOpenRouterBilling(options => (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress))
            .AddReload<SandboxReloader>(options => (options.Threshold, options.Amount) = (5, 25))
            .AddReload<SandboxReloader>();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        var report = await provider.GetRequiredService<IBillingReload>().RunOnceAsync(cancellationToken: Token);
        var again = await provider.GetRequiredService<IBillingReload>().RunOnceAsync(cancellationToken: Token);

        Assert.Equal((ReloadOutcome.Arrived, 28m), (report.Outcome, sandbox.Account.Balance));
        Assert.Equal(ReloadOutcome.NotDue, again.Outcome);
        var lot = Assert.Single(await provider.GetRequiredService<IBillingPurchases>().ListLotsAsync(cancellationToken: Token));
        Assert.Equal((report.Id, 25m), (lot.Purchase.Id, lot.Unused));
        var incident = await provider.GetRequiredService<IBillingIncidents>().GatherAsync(new IncidentQuery { From = lot.Purchase.PaidAt }, cancellationToken: Token);
        Assert.Equal(report.Id, Assert.Single(incident.Purchases).Id);
    }

    [Fact]
    public void AddPurchases_OwnService_WinsAndNamedAccountsAreApart()
    {
        using var world = new PurchaseWorld();
        var services = new ServiceCollection().AddSingleton<IBillingPurchases>(world.Purchases);
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey).AddPurchases().AddPurchases();
        services.AddOpenRouterBilling("research", options => options.ApiKey = TestData.ApiKey).AddPurchases(options => options.CardFeeRate = 0.1m);
        using var provider = services.BuildServiceProvider();

        Assert.Same(world.Purchases, provider.GetRequiredService<IBillingPurchases>());
        Assert.Same(world.Purchases, provider.GetRequiredKeyedService<IBillingPurchases>(string.Empty));
        Assert.Equal(10, provider.GetRequiredKeyedService<IBillingPurchases>("research").Quote(100).Fee);
    }

    [Fact]
    public void AddPurchases_FaultyOptions_FailWhenRead()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey).AddPurchases(options => options.CardFeeRate = 7);
        using var provider = services.BuildServiceProvider();

        Assert.Contains("CardFeeRate is 7", Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IBillingPurchases>().Quote(1)).Message, StringComparison.Ordinal);
    }

#pragma warning disable CA1812 // the container makes it
    private sealed class SandboxReloader(OpenRouterSandbox sandbox) : ICreditReloader
#pragma warning restore CA1812
    {
        public ValueTask<ReloadAnswer> ReloadAsync(ReloadRequest request, CancellationToken cancellationToken = default)
        {
            sandbox.Account.AddCredits(request.Amount);
            return ValueTask.FromResult(new ReloadAnswer { Bought = request.Amount });
        }
    }
}
