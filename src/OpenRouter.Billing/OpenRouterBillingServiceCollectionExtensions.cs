using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the billing client and the guard.</summary>
public static class OpenRouterBillingServiceCollectionExtensions
{
    private const string HttpClientName = "OpenRouter.Billing";

    /// <summary>Registers the client and the guard of one account.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets keys and options; <see langword="null"/> when another registration does.</param>
    /// <returns>A builder for the account.</returns>
    /// <remarks>
    /// Registers <see cref="IOpenRouterBillingClient"/> and <see cref="IBillingGuard"/>. Services that are registered
    /// already win, and a second call changes nothing but the options it sets. Options are validated when the host starts.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddOpenRouterBilling(this IServiceCollection services, Action<OpenRouterBillingOptions>? configure = null) =>
        AddOpenRouterBilling(services, Options.Options.DefaultName, configure);

    /// <summary>Registers the client and the guard of one account, with its options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section whose settings are named as the properties of <see cref="OpenRouterBillingOptions"/>. An unknown setting is an error.</param>
    /// <returns>A builder for the account.</returns>
    public static IOpenRouterBillingBuilder AddOpenRouterBilling(this IServiceCollection services, IConfigurationSection section) =>
        AddOpenRouterBilling(services, Options.Options.DefaultName, section);

    /// <summary>Registers the client and the guard of one of several accounts, with its options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The account's name, for keyed services and for <c>AddOpenRouterBillingGuard</c>.</param>
    /// <param name="section">The section whose settings are named as the properties of <see cref="OpenRouterBillingOptions"/>. An unknown setting is an error.</param>
    /// <returns>A builder for the account.</returns>
    public static IOpenRouterBillingBuilder AddOpenRouterBilling(this IServiceCollection services, string name, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = AddOpenRouterBilling(services, name, configure: null);
        services.AddOptions<OpenRouterBillingOptions>(name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return builder;
    }

    /// <summary>Registers the client and the guard of one of several accounts, as services keyed by its name.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The account's name, for keyed services and for <c>AddOpenRouterBillingGuard</c>.</param>
    /// <param name="configure">Sets keys and options; <see langword="null"/> when another registration does.</param>
    /// <returns>A builder for the account.</returns>
    public static IOpenRouterBillingBuilder AddOpenRouterBilling(this IServiceCollection services, string name, Action<OpenRouterBillingOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OpenRouterBillingOptions>, OpenRouterBillingOptionsValidator>());
        var options = services.AddOptions<OpenRouterBillingOptions>(name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return new OpenRouterBillingBuilder(name, services, AddServices(services, name));
    }

    private static IHttpClientBuilder AddServices(IServiceCollection services, string name)
    {
        var httpClientName = name.Length == 0 ? HttpClientName : $"{HttpClientName}:{name}";
        services.TryAddSingleton(TimeProvider.System);
        if (services.Any(service => service.ImplementationInstance is RegisteredAccount registered && registered.Name == name))
        {
            return services.AddHttpClient(httpClientName);
        }

        services.AddSingleton(new RegisteredAccount(name));
        AddAccount<IBillingLedger>(services, name, ServiceLifetime.Singleton, provider => new InMemoryBillingLedger(provider.GetRequiredService<TimeProvider>()));
        AddAccount<ISharedState>(services, name, ServiceLifetime.Singleton, provider => new InMemorySharedState(provider.GetRequiredService<TimeProvider>()));
        AddAccount(services, name, ServiceLifetime.Singleton, provider => new RunawayBrake(provider.GetRequiredService<TimeProvider>()));
        AddAccount<IBillingGuard>(services, name, ServiceLifetime.Singleton, provider => CreateGuard(provider, name, httpClientName));
        AddAccount<IOpenRouterBillingClient>(services, name, ServiceLifetime.Transient, provider => new OpenRouterBillingClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(httpClientName),
            provider.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>().Get(name),
            provider.GetRequiredService<TimeProvider>()));
        return AddHttpClient(services, httpClientName);
    }

    private static BillingGuard CreateGuard(IServiceProvider provider, string name, string httpClientName)
    {
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        var monitor = provider.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>();
        return new BillingGuard(
            () => factory.CreateClient(httpClientName),
            () => monitor.Get(name),
            new BillingGuardServices
            {
                Ledger = provider.GetRequiredKeyedService<IBillingLedger>(name),
                SharedState = provider.GetRequiredKeyedService<ISharedState>(name),
                TimeProvider = provider.GetRequiredService<TimeProvider>(),
                Logger = provider.GetService<ILogger<BillingGuard>>(),
                MeterFactory = provider.GetService<IMeterFactory>(),
                TokenCounter = provider.GetKeyedService<ITokenCounter>(name) ?? provider.GetService<ITokenCounter>(),
                Brake = provider.GetRequiredKeyedService<RunawayBrake>(name),
                BrakeObservers = provider.GetKeyedServices<IBrakeObserver>(name),
                Policies = provider.GetKeyedServices<IBillingPolicy>(name),
                RefusalObservers = provider.GetKeyedServices<IBillingRefusalObserver>(name),
            });
    }

    // The unnamed account's services are found without a key, where an app may have put its own; the key "" then leads there.
    private static void AddAccount<TService>(IServiceCollection services, string name, ServiceLifetime lifetime, Func<IServiceProvider, TService> create)
        where TService : class
    {
        if (name.Length > 0)
        {
            services.TryAdd(ServiceDescriptor.DescribeKeyed(typeof(TService), name, (provider, _) => create(provider), lifetime));
            return;
        }

        services.TryAdd(ServiceDescriptor.Describe(typeof(TService), create, lifetime));
        services.TryAdd(ServiceDescriptor.DescribeKeyed(typeof(TService), name, (provider, _) => provider.GetRequiredService<TService>(), lifetime));
    }

    private static IHttpClientBuilder AddHttpClient(IServiceCollection services, string name) =>
        services.AddHttpClient(name)
            // The client bounds each call by its options; a second bound of its own would only hide which one struck.
            .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(["Authorization"])
            // A redirect is a wrong BaseAddress: without the key, which does not travel along, it ends in a misleading 401.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false });
}
