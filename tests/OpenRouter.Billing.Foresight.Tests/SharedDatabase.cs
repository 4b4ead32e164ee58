using System.Data.Common;
using Microsoft.Data.Sqlite;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>A SQLite file that apps share and outlive, in memory where the machine has a file system there.</summary>
public sealed class SharedDatabase : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"openrouter-billing-{Guid.NewGuid():N}");

    public SharedDatabase()
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(_folder);
        DataSource = SqliteFactory.Instance.CreateDataSource($"Data Source={Path.Combine(_folder, "ledger.db")}");
    }

    public DbDataSource DataSource { get; }

    /// <summary>Opens what one process knows of it. It books by the test's clock, and what it waits for really passes.</summary>
    public SqlBillingLedger Open(TimeProvider clock, TimeSpan? timeout = null) =>
        new(DataSource, SqlDialect.Sqlite, new SqlLedgerOptions { Timeout = timeout ?? TimeSpan.FromSeconds(20) }, new BookingClock(clock));

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class BookingClock(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}
