using System.Data.Common;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>A table of one row, and the least that can be done to it durably: one prepared statement on a connection that stays open.</summary>
internal sealed class BareRow(DbConnection connection) : IAsyncDisposable
{
    private const string Update = "UPDATE bare SET spent = spent + 1 WHERE id = 1 RETURNING spent";

    private readonly DbCommand _update = connection.CreateCommand();

    public async Task CreateAsync()
    {
        await using var create = connection.CreateCommand();
        create.CommandText = "CREATE TABLE bare (id integer PRIMARY KEY, spent bigint NOT NULL); INSERT INTO bare VALUES (1, 0)";
        await create.ExecuteNonQueryAsync();
        _update.CommandText = Update;
        await _update.PrepareAsync();
    }

    /// <summary>One transaction.</summary>
    public Task UpdateAsync() => _update.ExecuteScalarAsync();

    /// <summary>The same on a connection that is borrowed for it, as apps do.</summary>
    public static async Task UpdateAsync(DbDataSource dataSource)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var update = connection.CreateCommand();
        update.CommandText = Update;
        await update.PrepareAsync();
        await update.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _update.DisposeAsync();
        await connection.DisposeAsync();
    }
}
