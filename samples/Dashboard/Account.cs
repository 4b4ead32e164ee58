using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace Dashboard;

/// <summary>One account, as an app registers it.</summary>
internal sealed class Account : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Account(ServiceProvider services, TimeProvider clock) => (_services, Clock) = (services, clock);

    public TimeProvider Clock { get; }

    public IOpenRouterBillingClient Billing => _services.GetRequiredService<IOpenRouterBillingClient>();

    public IBillingForecaster Forecaster => _services.GetRequiredService<IBillingForecaster>();

    public IBillingAlerts Alerts => _services.GetRequiredService<IBillingAlerts>();

    public IBillingPurchases Purchases => _services.GetRequiredService<IBillingPurchases>();

    public IBillingIncidents Incidents => _services.GetRequiredService<IBillingIncidents>();

    public RunawayBrake Brake => _services.GetRequiredService<RunawayBrake>();

    public HttpClient Http => _services.GetRequiredService<IHttpClientFactory>().CreateClient("openrouter");

    /// <summary>Gets the account whose keys are in the environment; null when there are none.</summary>
    public static Account? FromEnvironment(Uri baseAddress)
    {
        var apiKey = Environment.GetEnvironmentVariable("OPENROUTER_API_KEY");
        var managementKey = Environment.GetEnvironmentVariable("OPENROUTER_MANAGEMENT_KEY");
        return string.IsNullOrWhiteSpace(apiKey) ? null
            : Connect(apiKey, string.IsNullOrWhiteSpace(managementKey) ? null : managementKey, baseAddress, TimeProvider.System);
    }

    public static Account Connect(string apiKey, string? managementKey, Uri baseAddress, TimeProvider clock, Action<BillingGuardOptions>? limit = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddOpenRouterBilling(options =>
        {
            options.ApiKey = apiKey;
            options.ManagementKey = managementKey;
            options.BaseAddress = baseAddress;
            limit?.Invoke(options.Guard);
        }).AddPurchases().AddBillingAlerts(options =>
        {
            options.BalanceThresholds.Add(new() { At = 5m });
            options.BalanceThresholds.Add(new() { At = 2m, Severity = AlertSeverity.Urgent });
        });
        services.AddHttpClient("openrouter", http =>
        {
            http.BaseAddress = baseAddress;
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }).AddOpenRouterBillingGuard();
        return new Account(services.BuildServiceProvider(), clock);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
