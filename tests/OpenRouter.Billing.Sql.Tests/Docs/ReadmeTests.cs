using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests.Docs;

public sealed class ReadmeTests
{
    [Fact]
    public async Task Snippet_Run_RegistersTheLedger()
    {
        var configuration = new ConfigurationManager { ["ConnectionStrings:Billing"] = "Host=127.0.0.1", ["OpenRouter:ApiKey"] = "key" };
        var services = new ServiceCollection();

        ReadmeCode.Register(services, configuration);

        await using var provider = services.BuildServiceProvider();
        Assert.IsType<SqlBillingLedger>(provider.GetRequiredService<IBillingLedger>());
    }

    [Fact]
    public void DataSourceOfSqlite_AsTheReadmeMakesIt_IsOne()
    {
        using DbDataSource dataSource = Microsoft.Data.Sqlite.SqliteFactory.Instance.CreateDataSource("Data Source=billing.db");

        Assert.Contains("SqliteFactory.Instance.CreateDataSource(\"Data Source=billing.db\")", Repository.Read("src/OpenRouter.Billing.Sql/README.md"), StringComparison.Ordinal);
    }
}
