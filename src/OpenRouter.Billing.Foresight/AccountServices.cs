using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OpenRouter.Billing.Foresight;

/// <summary>Registers and finds services per account, as the core does.</summary>
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

    /// <summary>Registers the options of one account, validated when the host starts.</summary>
    public static void AddAccountOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(this IOpenRouterBillingBuilder builder, Action<TOptions>? configure)
        where TOptions : class
    {
        var options = builder.Services.AddOptions<TOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }
    }

    /// <summary>Gets what reads an account's options as they are at the time.</summary>
    public static Func<TOptions> GetAccountOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(this IServiceProvider provider, string name)
        where TOptions : class
    {
        var monitor = provider.GetRequiredService<IOptionsMonitor<TOptions>>();
        return () => monitor.Get(name);
    }

    /// <summary>Gets what finds an account's client, when it is first needed.</summary>
    public static Func<IOpenRouterBillingClient> GetAccountClient(this IServiceProvider provider, string name) => () => provider.GetRequiredKeyedService<IOpenRouterBillingClient>(name);

    /// <summary>Gets what tells an account apart in a state that apps share. They may have other accounts, and other names for the same one: the key tells whose it is.</summary>
    public static string GetAccountHash(this IServiceProvider provider, string name)
    {
        var options = provider.GetAccountOptions<OpenRouterBillingOptions>(name)();
        return KeyHash.Of(options.ManagementKey ?? options.ApiKey ?? name);
    }
}
