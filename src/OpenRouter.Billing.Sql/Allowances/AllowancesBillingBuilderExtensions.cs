using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Spares an account's guard a round trip to its database for each request.</summary>
public static class AllowancesBillingBuilderExtensions
{
    /// <summary>Takes allowances from the account's SQL ledger and admits from them in memory.</summary>
    /// <param name="builder">The account, which has been given its ledger with <c>WithSqlLedger</c> before.</param>
    /// <param name="configure">Sets sizes and times; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="InvalidOperationException">The account has no SQL ledger.</exception>
    /// <remarks>
    /// Takes the place of <see cref="IBillingLedger"/> and <see cref="ISpendLedger"/>, and registers
    /// <see cref="AllowanceLedger"/>, all by the account's name. When the services are disposed of, what was used is booked first.
    /// </remarks>
    public static IOpenRouterBillingBuilder WithAllowances(this IOpenRouterBillingBuilder builder, Action<AllowanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(service => service.ServiceType == typeof(SqlBillingLedger) && Equals(service.ServiceKey, builder.Name)))
        {
            throw new InvalidOperationException("Allowances are taken from a SQL ledger, and the account has none: call WithSqlLedger before WithAllowances.");
        }

        var options = builder.Services.AddOptions<AllowanceOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AllowanceOptions>, AllowanceOptionsValidator>());
        builder.ReplaceAccountSingleton(provider => Create(provider, builder.Name));
        builder.ReplaceAccountSingleton<ISpendLedger>(provider => provider.GetRequiredKeyedService<AllowanceLedger>(builder.Name));
        builder.ReplaceAccountSingleton<IBillingLedger>(provider => provider.GetRequiredKeyedService<AllowanceLedger>(builder.Name));
        return builder;
    }

    private static AllowanceLedger Create(IServiceProvider provider, string account)
    {
        var shared = provider.GetRequiredKeyedService<SqlBillingLedger>(account);
        // Services are disposed of last first, and the SQL ledger once for each service that it is: all of them are to come before this.
        _ = provider.GetKeyedService<ISharedState>(account);
        return new AllowanceLedger(
            shared,
            provider.GetRequiredService<IOptionsMonitor<AllowanceOptions>>().Get(account),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptionsMonitor<SqlLedgerOptions>>().Get(account).Timeout);
    }
}
