using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace OpenRouter.Billing.Sql.Tests.Docs;

/// <summary>The code of the READMEs that is about the ledger in a database, compiled.</summary>
internal static class ReadmeCode
{
    public static void Register(IServiceCollection services, IConfiguration configuration)
    {
        var dataSource = NpgsqlDataSource.Create(configuration.GetConnectionString("Billing") + ";Maximum Pool Size=10;No Reset On Close=true");
        services.AddSingleton(dataSource);
        services.AddOpenRouterBilling(configuration.GetSection("OpenRouter")).WithSqlLedger(SqlDialect.PostgreSql, dataSource);
    }
}
