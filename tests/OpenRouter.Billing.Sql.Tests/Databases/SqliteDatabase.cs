using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>A SQLite file, in memory where the machine has a file system there.</summary>
public sealed class SqliteDatabase : TestDatabase
{
    private readonly string _folder = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"openrouter-billing-{Guid.NewGuid():N}");

    public SqliteDatabase()
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(_folder);
        DataSource = SqliteFactory.Instance.CreateDataSource(ConnectionString);
    }

    public string File => Path.Combine(_folder, "ledger.db");

    public string ConnectionString => $"Data Source={File}";

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    public override DbDataSource DataSource { get; }

    public override SqlLedgerOptions Options { get; } = new() { Timeout = Patience };

    protected override async ValueTask CloseAsync()
    {
        await DataSource.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
