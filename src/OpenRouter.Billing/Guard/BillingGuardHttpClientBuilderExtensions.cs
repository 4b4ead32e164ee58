using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the guard in front of an HTTP client.</summary>
public static class BillingGuardHttpClientBuilderExtensions
{
    /// <summary>Guards the inference requests of this client.</summary>
    /// <param name="builder">The client to guard.</param>
    /// <param name="name">The name given to <c>AddOpenRouterBilling</c>; <see langword="null"/> for the unnamed account.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// Needs <c>AddOpenRouterBilling</c> on the same services. Handlers that are added after this one are inside of it: add a
    /// retry handler before, so that each of its attempts is counted, as OpenRouter counts them.
    /// </remarks>
    public static IHttpClientBuilder AddOpenRouterBillingGuard(this IHttpClientBuilder builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHttpMessageHandler(services =>
        {
            var account = name ?? Options.Options.DefaultName;
            var monitor = services.GetRequiredService<IOptionsMonitor<OpenRouterBillingOptions>>();
            return new BillingGuardHandler(
                services.GetKeyedService<IBillingGuard>(account) ?? throw NoAccount(services, account),
                () => monitor.Get(account),
                services.GetService<ILogger<BillingGuardHandler>>(),
                services.GetService<TimeProvider>());
        });
    }

    private static InvalidOperationException NoAccount(IServiceProvider services, string account)
    {
        var registered = services.GetServices<RegisteredAccount>().Select(known => known.ToString()).DefaultIfEmpty("none");
        return new InvalidOperationException(
            $"No billing account '{account}' is registered (registered: {string.Join(", ", registered)}): call AddOpenRouterBilling on the services, or pass the account's name to AddOpenRouterBillingGuard.");
    }
}
