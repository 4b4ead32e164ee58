using System.Globalization;
using Npgsql;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

[Collection(nameof(PostgresCluster))]
public sealed class PostgresLedgerTests(PostgresCluster cluster) : SqlLedgerTests
{
    protected override async Task<TestDatabase> OpenDatabaseAsync() => await PostgresDatabase.OpenAsync(cluster);

    [Fact]
    public async Task AcquireAsync_SchemaThatDoesNotExist_IsCreatedWithItsTables()
    {
        var schema = string.Create(CultureInfo.InvariantCulture, $"user_{Guid.NewGuid():N}")[..30];
        Database.Options.SchemaName = schema;

        await HoldAsync(Database.Open(Clock), "a", 1);

        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {schema}.{Database.Prefix}holds"));
        await ExecuteAsync($"DROP SCHEMA {schema} CASCADE");
    }

    [Fact]
    public async Task AcquireAsync_ByTheServersClock_BooksWhatItsClockSays()
    {
        var ledger = Database.Open();
        var lease = (await ledger.AcquireAsync([Claims.Money("a", 5, 10, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);

        var usage = (await ledger.PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation))[0];

        var server = await Database.CountAsync("SELECT extract(epoch FROM clock_timestamp())::bigint");
        Assert.Equal(3, usage.Settled);
        Assert.InRange(usage.Oldest!.Value.ToUnixTimeSeconds(), server - 60, server + 1);
    }

    [Fact]
    public async Task AcquireAsync_TablesDroppedMeanwhile_AreMadeAnew()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        await ExecuteAsync(await ReadAsync($"SELECT string_agg(format('DROP FUNCTION %s CASCADE', oid::regprocedure), ';') FROM pg_proc WHERE proname LIKE '{Database.Prefix}%'"));
        await ExecuteAsync(await ReadAsync($"SELECT string_agg(format('DROP TABLE %s CASCADE', oid::regclass), ';') FROM pg_class WHERE relkind = 'r' AND relname LIKE '{Database.Prefix}%'"));
        await ExecuteAsync($"DROP SEQUENCE {Database.Prefix}state_version");

        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        await RecoveredAsync(ledger);
        await HoldAsync(ledger, "a", 1);
    }

    [Fact]
    public async Task AcquireAsync_DataSourceDisposedOf_IsUnavailable()
    {
        var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);
        await HoldAsync(ledger, "a", 1);
        await dataSource.DisposeAsync();

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        Assert.IsType<ObjectDisposedException>(fault.InnerException);
    }

    [Fact]
    public async Task AcquireAsync_ByARoleThatMayCreateNothing_WorksOnTablesThatAreThere()
    {
        await using (var owner = Database.Open(Clock))
        {
            await HoldAsync(owner, "a", 1);
        }

        var role = Database.Prefix + "role";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}");
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = role }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);

        var lease = await HoldAsync(ledger, "a", 1);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);

        Assert.True(await ledger.TryWriteAsync("a", "one", 0, cancellationToken: Cancellation));
        Assert.True(ledger.Health.IsAvailable);
    }

    private async Task<string> ReadAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
