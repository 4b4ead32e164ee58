using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>Tables with a prefix of their own on the tests' server.</summary>
public sealed class PostgresDatabase(DbDataSource dataSource, string connectionString, SqlLedgerOptions options) : TestDatabase
{
    private static int _last;

    public static async Task<PostgresDatabase> OpenAsync(PostgresCluster cluster) => new(await cluster.OpenAsync(), cluster.ConnectionString, new() { TablePrefix = NewName("t"), Timeout = Patience });

    /// <summary>Opens a database of its own, for processes that know nothing of prefixes.</summary>
    public static async Task<PostgresDatabase> OpenAloneAsync(PostgresCluster cluster)
    {
        var name = NewName("d");
        await cluster.OpenAsync();
        await using (var connection = new NpgsqlConnection(cluster.ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var connectionString = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = name }.ConnectionString;
        return new PostgresDatabase(NpgsqlDataSource.Create(connectionString), connectionString, new() { Timeout = Patience });
    }

    public string ConnectionString => connectionString;

    public override SqlDialect Dialect => SqlDialect.PostgreSql;

    public override DbDataSource DataSource => dataSource;

    public override SqlLedgerOptions Options => options;

    /// <summary>Waits until so many statements on these tables wait for a lock; on the same server those of other tests do.</summary>
    public Task UntilLockedOutAsync(int statements = 1) =>
        UntilAsync($"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND strpos(query, '{Prefix}') > 0", statements);

    // The tests' common data source stays open.
    protected override ValueTask CloseAsync() => options.TablePrefix.StartsWith('t') ? ValueTask.CompletedTask : dataSource.DisposeAsync();

    private static string NewName(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}{Environment.ProcessId}_{Interlocked.Increment(ref _last)}_");
}
