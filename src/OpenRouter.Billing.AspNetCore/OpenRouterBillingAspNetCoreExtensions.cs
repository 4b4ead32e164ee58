using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a registered account at home in ASP.NET Core.</summary>
public static class OpenRouterBillingAspNetCoreExtensions
{
    /// <summary>
    /// Registers what answers refusals with problem details, enforces the budgets of endpoints, and remembers the latest refusals
    /// for the dashboard.
    /// </summary>
    /// <param name="builder">The account.</param>
    /// <param name="configure">Says what problem details may tell; <see langword="null"/> (the default) for the cautious defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>A second call changes nothing but the options. Refusals are answered where the app calls <c>UseExceptionHandler</c>.</remarks>
    public static IOpenRouterBillingBuilder AddAspNetCore(this IOpenRouterBillingBuilder builder, Action<BillingProblemOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(service => service.ImplementationInstance is AspNetCoreAccount known && known.Name == builder.Name))
        {
            return builder;
        }

        if (!services.Any(service => service.ImplementationInstance is AspNetCoreAccount))
        {
            services.AddProblemDetails();
            services.AddSingleton<IExceptionHandler>(provider => new BillingExceptionHandler(
                provider.GetRequiredService<IProblemDetailsService>(),
                provider.GetRequiredService<IOptionsMonitor<BillingProblemOptions>>(),
                provider.GetRequiredService<TimeProvider>()));
        }

        var account = builder.Name;
        services.AddSingleton(new AspNetCoreAccount(account));
        services.AddHttpContextAccessor();
        services.TryAddKeyedSingleton(account, (provider, _) => new RefusalLog(provider.GetRequiredService<TimeProvider>()));
        services.TryAddKeyedSingleton(account, (provider, _) => new BillingReports(provider, account));
        var alerts = new AlertNotes();
        services.TryAddKeyedSingleton(account, alerts);
        builder.AddForesight().AddAlertSink(alerts);
        builder.AddRefusalObserver(provider => provider.GetRequiredKeyedService<RefusalLog>(account));
        services.AddKeyedSingleton<IBillingPolicy>(account, (provider, _) => new EndpointBudgetsPolicy(provider.GetRequiredService<IHttpContextAccessor>()));
        return builder;
    }
}
