using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the alerts of an account, and where they go.</summary>
public static class BillingAlertsBuilderExtensions
{
    private const string HttpClientName = "OpenRouter.Billing.Alerts";

    /// <summary>Has the account looked at as long as the host runs, and tells what should be known.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets when who is told what; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// Registers <see cref="IBillingAlerts"/>, <see cref="IBillingForecaster"/> and a hosted service. Alerts go into the log, and to the
    /// sinks that are added. A second call changes nothing but the options it sets. What has been told is kept in the account's
    /// <see cref="ISharedState"/>: in memory by default, so that a restarted process tells again what is still so.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddBillingAlerts(this IOpenRouterBillingBuilder builder, Action<BillingAlertOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var (services, name) = (builder.AddForesight().Services, builder.Name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BillingAlertOptions>, BillingAlertOptionsValidator>());
        builder.AddAccountOptions(configure);
        if (!services.Any(service => service.ImplementationInstance is MonitoredAccount monitored && monitored.Name == name))
        {
            services.AddSingleton(new MonitoredAccount(name));
            builder.AddBrakeObserver(provider => new BrakeAlerts(() => provider.GetRequiredKeyedService<IBillingAlerts>(name)));
            services.AddSingleton<IHostedService>(provider => new BillingMonitor(
                provider.GetRequiredKeyedService<BillingAlerts>(name),
                new PollTurn(provider.GetRequiredKeyedService<ISharedState>(name), StateName(provider, name, "poll"), provider.GetRequiredService<TimeProvider>()),
                provider.GetKeyedService<AutomaticReload>(name),
                provider.GetAccountOptions<BillingAlertOptions>(name),
                Logger(provider),
                provider.GetRequiredService<TimeProvider>()));
        }

        return builder;
    }

    /// <summary>The same, with the options from configuration.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="section">The section whose settings are named as the properties of <see cref="BillingAlertOptions"/>. An unknown setting is an error.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddBillingAlerts(this IOpenRouterBillingBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        builder.AddBillingAlerts().Services.AddOptions<BillingAlertOptions>(builder.Name).Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return builder;
    }

    /// <summary>Adds a sink of the app's own.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="sink">The sink.</param>
    /// <param name="recipients">For whom it is: it gets what is meant for one of them, and what is meant for everybody. None for all.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddAlertSink(this IOpenRouterBillingBuilder builder, IAlertSink sink, params string[] recipients)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return builder.AddRoute(_ => sink, recipients);
    }

    /// <summary>Adds a function that gets alerts.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="send">The function; what it throws is logged as a lost alert.</param>
    /// <param name="recipients">For whom it is: it gets what is meant for one of them, and what is meant for everybody. None for all.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    public static IOpenRouterBillingBuilder AddAlertSink(this IOpenRouterBillingBuilder builder, Func<BillingAlert, CancellationToken, ValueTask> send, params string[] recipients)
    {
        ArgumentNullException.ThrowIfNull(send);
        return builder.AddRoute(_ => new DelegateAlertSink(send), recipients);
    }

    /// <summary>Adds a webhook by the Standard Webhooks convention, signed.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets the address and the secret.</param>
    /// <param name="recipients">For whom it is: it gets what is meant for one of them, and what is meant for everybody. None for all.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static IOpenRouterBillingBuilder AddWebhookSink(this IOpenRouterBillingBuilder builder, Action<WebhookSinkOptions> configure, params string[] recipients)
    {
        var options = Configured(configure, isSigned: true);
        return builder.AddRoute(provider => new WebhookAlertSink(Http(provider), options, provider.GetRequiredService<TimeProvider>()), recipients);
    }

    /// <summary>Adds a webhook that takes Slack's messages: Slack itself, Mattermost, Discord's address for Slack.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets the address.</param>
    /// <param name="recipients">For whom it is: it gets what is meant for one of them, and what is meant for everybody. None for all.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    public static IOpenRouterBillingBuilder AddSlackSink(this IOpenRouterBillingBuilder builder, Action<WebhookSinkOptions> configure, params string[] recipients)
    {
        var options = Configured(configure, isSigned: false);
        return builder.AddRoute(provider => new SlackAlertSink(Http(provider), options, provider.GetRequiredService<TimeProvider>()), recipients);
    }

    /// <summary>Registers what tells alerts, without anybody who looks: for what raises its own.</summary>
    internal static void AddAlertPipeline(this IOpenRouterBillingBuilder builder)
    {
        var name = builder.Name;
        builder.Services.AddOptions();
        builder.Services.TryAddKeyedSingleton(name, (provider, _) => CreateAlerts(provider, name));
        builder.TryAddAccountSingleton<IBillingAlerts>(provider => provider.GetRequiredKeyedService<BillingAlerts>(name));
        builder.Services.AddHttpClient(HttpClientName)
            .ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan)
            // The address of a webhook may be its only secret, so neither logs nor traces may show it.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers();
    }

    private static WebhookSinkOptions Configured(Action<WebhookSinkOptions> configure, bool isSigned)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new WebhookSinkOptions();
        configure(options);
        WebhookSinkOptionsRules.ThrowIfInvalid(options, isSigned);
        return options;
    }

    private static IOpenRouterBillingBuilder AddRoute(this IOpenRouterBillingBuilder builder, Func<IServiceProvider, IAlertSink> create, string[] recipients)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(recipients);
        builder.AddForesight().Services.AddKeyedSingleton(builder.Name, (provider, _) => new SinkRoute(create(provider), [.. recipients]));
        return builder;
    }

    private static BillingAlerts CreateAlerts(IServiceProvider provider, string name)
    {
        var timeProvider = provider.GetRequiredService<TimeProvider>();
        var forecaster = provider.GetRequiredKeyedService<BillingForecaster>(name);
        var models = new ExpiringModels(provider.GetAccountClient(name), timeProvider);
        var logger = Logger(provider);
        SinkRoute[] routes = [new SinkRoute(new LoggerAlertSink(logger), []), .. provider.GetKeyedServices<SinkRoute>(name)];
        return new BillingAlerts(
            new AlertBook(provider.GetRequiredKeyedService<ISharedState>(name), StateName(provider, name, "alerts"), name.Length == 0 ? null : name, timeProvider),
            new AlertDelivery(routes, logger, timeProvider),
            cancellationToken => AccountReview.ReadAsync(forecaster, models, cancellationToken),
            provider.GetAccountOptions<BillingAlertOptions>(name),
            logger);
    }

    private static string StateName(IServiceProvider provider, string name, string what) => $"foresight/{provider.GetAccountHash(name)}/{what}";

    private static HttpClient Http(IServiceProvider provider) => provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName);

    private static ILogger Logger(IServiceProvider provider) => (ILogger?)provider.GetService<ILogger<IBillingAlerts>>() ?? NullLogger.Instance;
}
