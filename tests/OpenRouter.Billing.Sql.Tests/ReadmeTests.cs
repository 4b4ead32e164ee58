using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql.Tests;

public sealed partial class ReadmeTests
{
    [Fact]
    public async Task Snippet_Run_RegistersTheLedger()
    {
        var configuration = new ConfigurationManager { ["ConnectionStrings:Billing"] = "Host=127.0.0.1", ["OpenRouter:ApiKey"] = "key" };
        var services = new ServiceCollection();

        var dataSource = NpgsqlDataSource.Create(configuration.GetConnectionString("Billing")!);
        services.AddSingleton(dataSource);
        services.AddOpenRouterBilling(configuration.GetSection("OpenRouter")).WithSqlLedger(SqlDialect.PostgreSql, dataSource);

        await using var provider = services.BuildServiceProvider();
        Assert.IsType<SqlBillingLedger>(provider.GetRequiredService<IBillingLedger>());
        var snippet = Repository.Read("src/OpenRouter.Billing.Sql/README.md").Split("```csharp\n")[1].Split("\n```")[0];
        var compiled = Repository.Read("tests/OpenRouter.Billing.Sql.Tests/ReadmeTests.cs");
        Assert.All(snippet.Split('\n'), line => Assert.Contains(line, compiled, StringComparison.Ordinal));
    }

    [Fact]
    public void OptionsTable_EveryOption_IsListedWithItsDefault()
    {
        var rows = OptionRow().Matches(Repository.Read("src/OpenRouter.Billing.Sql/README.md")).Select(row => (row.Groups[1].Value, row.Groups[2].Value));

        object[] defaults = [new SqlLedgerOptions(), new AllowanceOptions()];
        Assert.Equal(
            defaults.SelectMany(options => options.GetType().GetProperties().Select(property => (property.Name, Convert.ToString(property.GetValue(options), CultureInfo.InvariantCulture) is { Length: > 0 } value ? value : "none"))).Order(),
            rows.Order());
    }

    [Fact]
    public void DataSourceOfSqlite_AsTheReadmeMakesIt_IsOne()
    {
        using DbDataSource dataSource = Microsoft.Data.Sqlite.SqliteFactory.Instance.CreateDataSource("Data Source=billing.db");

        Assert.Contains("SqliteFactory.Instance.CreateDataSource(\"Data Source=billing.db\")", Repository.Read("src/OpenRouter.Billing.Sql/README.md"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| `(\w+)` \| `?([^|`]+?)`? \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
