using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OpenRouter.Billing.Foresight;

/// <summary>Registers services per account, as the core does.</summary>
internal static class AccountServices
{
    /// <summary>Registers a service of one account, unless there is one: keyed by the account's name, and also without a key for the unnamed account.</summary>
    public static void TryAddAccountSingleton<TService>(this IOpenRouterBillingBuilder builder, Func<IServiceProvider, TService> create)
        where TService : class
    {
        if (builder.Name.Length > 0)
        {
            builder.Services.TryAddKeyedSingleton(builder.Name, (provider, _) => create(provider));
            return;
        }

        // The unnamed account's services are found without a key, where an app may have put its own; the key "" then leads there.
        builder.Services.TryAddSingleton(create);
        builder.Services.TryAddKeyedSingleton(builder.Name, (provider, _) => provider.GetRequiredService<TService>());
    }
}
