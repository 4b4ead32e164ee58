using System.Data.Common;
using System.Globalization;

namespace OpenRouter.Billing.Sql;

/// <summary>One open connection and its prepared statements. Not safe for concurrent use.</summary>
internal sealed class SqliteSession(DbConnection connection, SqlNames names) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>Carries out a statement and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>Reads the first row; the default when there is none.</summary>
    public T? First<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> parameters)
    {
        using var reader = Prepare(sql, parameters).ExecuteReader();
        return reader.Read() ? read(reader) : default;
    }

    /// <summary>Reads all rows at once, so that the next statement finds the connection free.</summary>
    public List<T> All<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> parameters)
    {
        using var reader = Prepare(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Runs statements that are not worth preparing.</summary>
    public object? Run(string sql)
    {
        using var command = connection.CreateCommand();
        Set(command, sql);
        return command.ExecuteScalar();
    }

    /// <summary>Carries out all of a piece of work, or nothing.</summary>
    public T InTransaction<T>(Func<SqliteSession, T> work)
    {
        // At once, and not at the first write: a transaction that begins by reading may find that it read too early.
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work(this);
            Execute("COMMIT");
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    // A driver's pool keeps the connection as it was left, and with it the file locked.
    private void RollBack()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (DbException)
        {
            // It is over already: SQLite ends it by itself when the disk is full, and the fault that came first says more.
        }
    }

    private DbCommand Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            Set(command, sql);
            for (var number = 1; number <= parameters.Length; number++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"${number}");
                command.Parameters.Add(parameter);
            }

            _commands.Add(sql, command);
        }

        for (var index = 0; index < parameters.Length; index++)
        {
            command.Parameters[index].Value = parameters[index] ?? DBNull.Value;
        }

        return command;
    }

    private void Set(DbCommand command, string sql)
    {
#pragma warning disable CA2100 // the only parts that are no constants are names that the options' rules admit
        command.CommandText = names.Fill(sql);
#pragma warning restore CA2100
        // The database itself waits for other processes (busy_timeout); a driver that polls on top waits in long steps.
        command.CommandTimeout = 1;
    }
}
