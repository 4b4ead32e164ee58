using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A chat admitted and settled with a ledger in a SQLite file, beside two statements on one row of another: each commits to the disk.</summary>
[BenchmarkCategory("Sql", "Sqlite")]
public class SqlSqliteBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("openrouter-billing-").FullName;
    private FleetLoad _load = null!;
    private BareRow _row = null!;

    [GlobalSetup]
    public void SetUp() => SetUpAsync().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => CleanUpAsync().GetAwaiter().GetResult();

    [Benchmark(Baseline = true)]
    public async Task TwoBareTransactions()
    {
        await _row.UpdateAsync();
        await _row.UpdateAsync();
    }

    [Benchmark]
    public Task AcquireAndSettle() => _load.AcquireAndSettleAsync(0).AsTask();

    private async Task SetUpAsync()
    {
        SQLitePCL.Batteries_V2.Init();
        _load = new FleetLoad([new SqlBillingLedger(SqliteFactory.Instance.CreateDataSource($"Data Source={Path.Combine(_folder, "ledger.db")}"), SqlDialect.Sqlite)]);
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "bare.db")}");
        await connection.OpenAsync();
        await using (var setting = connection.CreateCommand())
        {
            setting.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";
            await setting.ExecuteNonQueryAsync();
        }

        _row = new BareRow(connection);
        await _row.CreateAsync();
    }

    private async Task CleanUpAsync()
    {
        await _row.DisposeAsync();
        await _load.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
