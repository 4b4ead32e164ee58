using System.Data.Common;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>A SQLite file that apps share and outlive.</summary>
public sealed class SharedDatabase : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    public DbDataSource DataSource => _file.DataSource;

    /// <summary>Opens what one process knows of it. It books by the test's clock, and what it waits for really passes.</summary>
    public SqlBillingLedger Open(TimeProvider clock, TimeSpan? timeout = null) =>
        new(DataSource, SqlDialect.Sqlite, new SqlLedgerOptions { Timeout = timeout ?? TimeSpan.FromSeconds(20) }, new BookingClock(clock));

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private sealed class BookingClock(TimeProvider clock) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();
    }
}
