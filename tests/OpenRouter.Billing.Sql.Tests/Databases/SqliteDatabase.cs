using System.Data.Common;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>A SQLite file.</summary>
public sealed class SqliteDatabase : TestDatabase
{
    private readonly SqliteFile _file = new();

    public string File => _file.Path;

    public string ConnectionString => _file.ConnectionString;

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    public override DbDataSource DataSource => _file.DataSource;

    public override SqlLedgerOptions Options { get; } = new() { Timeout = Patience };

    protected override ValueTask CloseAsync() => _file.DisposeAsync();
}
