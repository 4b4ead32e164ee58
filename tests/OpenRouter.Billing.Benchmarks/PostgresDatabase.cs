using Npgsql;
using OpenRouter.Billing.Sql;
using OpenRouter.Billing.Sql.Tests;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A PostgreSQL on this machine's disk with the server's own defaults: what is committed is on the disk.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server = new(Path.GetTempPath());
    private readonly List<NpgsqlDataSource> _dataSources = [];

    public Task StartAsync() => PostgresServer.IsInstalled
        ? _server.CreateAsync()
        : throw new InvalidOperationException("PostgreSQL is not installed (apt-get install postgresql).");

    /// <summary>Opens connections as one more process would.</summary>
    /// <param name="settings">More of the connection string.</param>
    public NpgsqlDataSource OpenDataSource(string settings = "")
    {
        var dataSource = NpgsqlDataSource.Create($"{_server.ConnectionString};{settings}");
        _dataSources.Add(dataSource);
        return dataSource;
    }

    /// <summary>Opens the ledger of one more process.</summary>
    /// <param name="settings">More of the connection string.</param>
    public SqlBillingLedger OpenLedger(string settings = "") => new(OpenDataSource(settings), SqlDialect.PostgreSql);

    public async ValueTask DisposeAsync()
    {
        foreach (var dataSource in _dataSources)
        {
            await dataSource.DisposeAsync();
        }

        await _server.DisposeAsync();
    }
}
