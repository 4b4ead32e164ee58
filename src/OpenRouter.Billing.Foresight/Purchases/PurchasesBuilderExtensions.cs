using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what an account buys, reloads and complains about.</summary>
public static class PurchasesBuilderExtensions
{
    /// <summary>Registers <see cref="IBillingPurchases"/> and <see cref="IBillingIncidents"/> for the account.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets fees, packages and times; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// Keyed by the account's name, and also without a key for the unnamed account. A service that is registered already wins, and
    /// a second call changes nothing but the options it sets. Options are validated when the host starts.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddPurchases(this IOpenRouterBillingBuilder builder, Action<PurchaseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        builder.AddAccountOptions(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PurchaseOptions>, PurchaseOptionsValidator>());
        builder.TryAddAccountSingleton<IBillingPurchases>(provider => new BillingPurchases(
            provider.GetAccountClient(name),
            provider.GetAccountOptions<PurchaseOptions>(name),
            provider.GetRequiredKeyedService<ISharedState>(name),
            provider.GetAccountHash(name),
            News(provider, name),
            provider.GetRequiredService<TimeProvider>()));
        builder.TryAddAccountSingleton<IBillingIncidents>(provider => new BillingIncidents(
            provider.GetAccountClient(name),
            provider.GetRequiredKeyedService<IBillingPurchases>(name),
            provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Registers <see cref="IBillingReload"/> for the account, with the app's own way to buy.</summary>
    /// <typeparam name="TReloader">Buys credits; one instance serves the account.</typeparam>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets when and how much to reload; <see langword="null"/> for what is recommended.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// It registers forecasts and purchases too. Nothing is bought until <see cref="IBillingReload.RunOnceAsync"/> is called, which
    /// <see cref="AddAutomaticReload"/> has done.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddReload<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReloader>(
        this IOpenRouterBillingBuilder builder,
        Action<ReloadOptions>? configure = null)
        where TReloader : class, ICreditReloader
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        builder.AddForesight().AddPurchases();
        builder.AddAccountOptions(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReloadOptions>, ReloadOptionsValidator>());
        builder.Services.TryAddKeyedSingleton<ICreditReloader, TReloader>(name);
        builder.TryAddAccountSingleton<IBillingReload>(provider => new BillingReload(
            provider.GetAccountClient(name),
            provider.GetRequiredKeyedService<IBillingForecaster>(name),
            provider.GetRequiredKeyedService<IBillingPurchases>(name),
            provider.GetRequiredKeyedService<ICreditReloader>(name),
            provider.GetRequiredKeyedService<ISharedState>(name),
            provider.GetAccountHash(name),
            News(provider, name),
            provider.GetAccountOptions<ReloadOptions>(name),
            provider.GetRequiredService<TimeProvider>()));
        return builder;
    }

    /// <summary>Has the account reloaded by itself as long as the host runs, with the app's own way to buy.</summary>
    /// <typeparam name="TReloader">Buys credits; one instance serves the account.</typeparam>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Sets when and how much to reload; <see langword="null"/> for what is recommended.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// It registers <see cref="IBillingReload"/> and alerts too. Each look at the account for its alerts says whether it is time:
    /// once per <see cref="BillingAlertOptions.PollInterval"/>, however many apps share the account's <see cref="ISharedState"/>,
    /// which together call the hook at most once per <see cref="ReloadOptions.Cooldown"/>. How reloads end is in the log, and in alerts.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddAutomaticReload<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReloader>(
        this IOpenRouterBillingBuilder builder,
        Action<ReloadOptions>? configure = null)
        where TReloader : class, ICreditReloader
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        builder.AddReload<TReloader>(configure).AddBillingAlerts();
        builder.Services.TryAddKeyedSingleton(name, (provider, _) => new AutomaticReload(
            (balance, cancellationToken) => provider.GetRequiredKeyedService<IBillingReload>(name) switch
            {
                BillingReload own => own.RunOnceAsync(balance, null, cancellationToken),
                var other => other.RunOnceAsync(null, cancellationToken),
            },
            (ILogger?)provider.GetService<ILogger<IBillingReload>>() ?? NullLogger.Instance));
        return builder;
    }

    private static PurchaseNews News(IServiceProvider provider, string name) =>
        new(provider.GetKeyedService<IBillingAlerts>(name), (ILogger?)provider.GetService<ILogger<IBillingPurchases>>() ?? NullLogger.Instance);
}
