using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenRouter.Billing;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Guard;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what looks ahead for an account.</summary>
public static class ForesightBuilderExtensions
{
    /// <summary>Registers <see cref="IBillingForecaster"/> and <see cref="IBillingAlerts"/> for the account.</summary>
    /// <param name="builder">The account.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>
    /// Keyed by the account's name, and also without a key for the unnamed account. A service that is registered already wins, and
    /// a second call changes nothing. Nothing is asked of OpenRouter until a forecast is;
    /// <c>AddBillingAlerts</c> has the account looked at by itself.
    /// </remarks>
    public static IOpenRouterBillingBuilder AddForesight(this IOpenRouterBillingBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        builder.Services.TryAddKeyedSingleton(name, (provider, _) => new BillingForecaster(
            provider.GetAccountClient(name),
            provider.GetRequiredKeyedService<IBillingLedger>(name) as ISpendLedger,
            provider.GetAccountOptions<OpenRouterBillingOptions>(name),
            provider.GetRequiredService<TimeProvider>()));
        builder.TryAddAccountSingleton<IBillingForecaster>(provider => provider.GetRequiredKeyedService<BillingForecaster>(name));
        builder.AddAlertPipeline();
        return builder;
    }
}
