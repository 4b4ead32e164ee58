using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OpenRouter.Billing.Sql;

/// <summary>Registers services per account, as the core does.</summary>
internal static class AccountServices
{
    /// <summary>Puts a service of one account in the place of the one before: keyed by the account's name, and for the unnamed account without a key, too.</summary>
    public static void ReplaceAccountSingleton<TService>(this IOpenRouterBillingBuilder builder, Func<IServiceProvider, TService> create)
        where TService : class
    {
        if (builder.Name.Length > 0)
        {
            builder.Services.Replace(ServiceDescriptor.KeyedSingleton(builder.Name, (provider, _) => create(provider)));
            return;
        }

        builder.Services.Replace(ServiceDescriptor.Singleton(create));
        builder.Services.Replace(ServiceDescriptor.KeyedSingleton(builder.Name, (provider, _) => provider.GetRequiredService<TService>()));
    }
}
