using System.Data.Common;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenRouter.Billing;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives an account a ledger that survives and is shared.</summary>
public static class SqlLedgerBillingBuilderExtensions
{
    /// <summary>Keeps the account's ledger, and what its processes share, in a database.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="dialect">Which database it is.</param>
    /// <param name="dataSource">Where connections come from. It stays the app's, who disposes of it after the services.</param>
    /// <param name="configure">Sets names and waiting times; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="InvalidOperationException">The account has been given allowances already, which this would turn off.</exception>
    /// <remarks><inheritdoc cref="WithSqlLedger(IOpenRouterBillingBuilder, SqlDialect, Func{IServiceProvider, DbDataSource}, Action{SqlLedgerOptions}?)"/></remarks>
    public static IOpenRouterBillingBuilder WithSqlLedger(this IOpenRouterBillingBuilder builder, SqlDialect dialect, DbDataSource dataSource, Action<SqlLedgerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return WithSqlLedger(builder, dialect, _ => dataSource, configure);
    }

    /// <summary>Keeps the account's ledger, and what its processes share, in a database.</summary>
    /// <param name="builder">The account.</param>
    /// <param name="dialect">Which database it is.</param>
    /// <param name="dataSource">Finds where connections come from, such as a data source among the services. It is not disposed of with the ledger.</param>
    /// <param name="configure">Sets names and waiting times; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <exception cref="InvalidOperationException">The account has been given allowances already, which this would turn off.</exception>
    /// <remarks>
    /// Takes the place of <see cref="IBillingLedger"/> and <see cref="ISharedState"/>, and registers <see cref="ISpendLedger"/>
    /// and <see cref="SqlBillingLedger"/>, all by the account's name. When the services are disposed of, what is queued is
    /// written first. A second call takes the place of the first, but for the options
    /// that the first has set and the second does not set anew.
    /// </remarks>
    public static IOpenRouterBillingBuilder WithSqlLedger(this IOpenRouterBillingBuilder builder, SqlDialect dialect, Func<IServiceProvider, DbDataSource> dataSource, Action<SqlLedgerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        if (builder.Services.Any(service => service.ServiceType == typeof(AllowanceLedger) && Equals(service.ServiceKey, builder.Name)))
        {
            throw new InvalidOperationException("The account has been given allowances already, and its SQL ledger would take their place: call WithSqlLedger before WithAllowances.");
        }

        var options = builder.Services.AddOptions<SqlLedgerOptions>(builder.Name).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        foreach (var former in builder.Services.Where(service => service.ImplementationInstance is SqlLedgerOptionsValidator validator && validator.Account == builder.Name).ToArray())
        {
            builder.Services.Remove(former);
        }

        builder.Services.AddSingleton<IValidateOptions<SqlLedgerOptions>>(new SqlLedgerOptionsValidator(builder.Name, dialect));
        builder.ReplaceAccountSingleton(provider => new SqlBillingLedger(
            dataSource(provider),
            dialect,
            provider.GetRequiredService<IOptionsMonitor<SqlLedgerOptions>>().Get(builder.Name),
            provider.GetRequiredService<TimeProvider>()));
        builder.ReplaceAccountSingleton<ISpendLedger>(provider => Ledger(builder, provider));
        builder.ReplaceAccountSingleton<IBillingLedger>(provider => Ledger(builder, provider));
        builder.ReplaceAccountSingleton<ISharedState>(provider => Ledger(builder, provider));
        return builder;
    }

    private static SqlBillingLedger Ledger(IOpenRouterBillingBuilder builder, IServiceProvider provider) => provider.GetRequiredKeyedService<SqlBillingLedger>(builder.Name);
}
