using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace OpenRouter.Billing.Tests.TestKit;

/// <summary>A SQLite file of a test's own, in memory where the machine has a file system there.</summary>
public sealed class SqliteFile : IAsyncDisposable
{
    private readonly string _folder = System.IO.Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath(), $"openrouter-billing-{Guid.NewGuid():N}");

    public SqliteFile()
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(_folder);
        DataSource = SqliteFactory.Instance.CreateDataSource(ConnectionString);
    }

    public string Path => System.IO.Path.Combine(_folder, "ledger.db");

    public string ConnectionString => $"Data Source={Path}";

    public DbDataSource DataSource { get; }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
