using Microsoft.Data.Sqlite;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SqlLedgerSchemaTests
{
    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.PostgreSql)]
    public void GetScript_AnyDialect_NamesEverythingByThePrefix(SqlDialect dialect)
    {
        var script = SqlLedgerSchema.GetScript(dialect, new() { TablePrefix = "mine_" });

        Assert.Contains("CREATE TABLE mine_limits", script, StringComparison.Ordinal);
        Assert.Contains("INDEX mine_leases_due ON mine_leases", script, StringComparison.Ordinal);
        Assert.DoesNotContain("{", script, StringComparison.Ordinal);
        Assert.DoesNotContain("openrouter_", script, StringComparison.Ordinal);
    }

    [Fact]
    public void GetScript_Schema_IsQuotedBeforeEveryTable()
    {
        var script = SqlLedgerSchema.GetScript(SqlDialect.PostgreSql, new() { SchemaName = "user" });

        Assert.Contains("CREATE TABLE \"user\".openrouter_billing_limits", script, StringComparison.Ordinal);
        Assert.Contains("INDEX openrouter_billing_leases_due ON \"user\".openrouter_billing_leases", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("1digit")]
    [InlineData("a b")]
    [InlineData("a;DROP TABLE x")]
    [InlineData("a\"b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("longer_than_thirty_characters__")]
    public void GetScript_NameThatIsNoPlainIdentifier_IsRefused(string name)
    {
        var prefix = Assert.Throws<ArgumentException>(() => SqlLedgerSchema.GetScript(SqlDialect.Sqlite, new() { TablePrefix = name }));
        var schema = Assert.Throws<ArgumentException>(() => SqlLedgerSchema.GetScript(SqlDialect.PostgreSql, new() { SchemaName = name }));

        Assert.Contains($"TablePrefix is '{name}'", prefix.Message, StringComparison.Ordinal);
        Assert.Contains($"SchemaName is '{name}'", schema.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_OptionsThatCannotBe_NamesThemAll()
    {
        var options = new SqlLedgerOptions { SchemaName = "a", Timeout = TimeSpan.Zero, MaxQueuedSettlements = 0 };

        var fault = Assert.Throws<ArgumentException>(() => new SqlBillingLedger(SqliteFactory.Instance.CreateDataSource("Data Source=:memory:"), SqlDialect.Sqlite, options));

        Assert.Contains("SQLite has no schemas", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Timeout is 00:00:00", fault.Message, StringComparison.Ordinal);
        Assert.Contains("MaxQueuedSettlements is 0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_UnknownDialect_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SqlBillingLedger(SqliteFactory.Instance.CreateDataSource("Data Source=:memory:"), (SqlDialect)7));
}
