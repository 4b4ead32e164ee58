using System.Data;
using System.Data.Common;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// Runs statements of the ledger in PostgreSQL, each in a transaction of its own: prepared where the connections allow it, and with
/// transactions that wait for each other, whatever the app's do by default.
/// </summary>
internal sealed class PostgreSqlStatements(DbDataSource dataSource, SqlNames names, SqlLedgerOptions options) : IDisposable
{
    private const string UnknownStatement = "26000";
    private const string StatementExists = "42P05";
    private const string SerializationFailure = "40001";

    private readonly PostgreSqlSchema _schema = new(dataSource, names, options);

    // Rounded up: a driver's own limit is the last resort behind the caller's.
    private readonly int _commandTimeout = (int)Math.Ceiling(options.Timeout / TimeSpan.FromSeconds(1)) + 1;

    private volatile bool _canPrepare = true;
    private volatile bool _setsIsolation;

    /// <summary>Runs a statement that answers with one row.</summary>
    public async Task<T> QueryAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken, params object[] parameters) =>
        (await QueryAllAsync(sql, isPrepared: true, read, cancellationToken, parameters).ConfigureAwait(false))[0];

    /// <summary>Runs a statement that answers with nothing.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] parameters) => QueryAsync(sql, _ => true, cancellationToken, parameters);

    /// <summary>Runs a statement. A parameter that is a type stands for no value of that type.</summary>
    /// <param name="sql">Its text.</param>
    /// <param name="isPrepared">Whether it is always the same text, so that the server need read it but once.</param>
    /// <param name="read">Reads a row of the answer.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <param name="parameters">What stands for $1, $2 and so on.</param>
    public async Task<List<T>> QueryAllAsync<T>(string sql, bool isPrepared, Func<DbDataReader, T> read, CancellationToken cancellationToken, params object[] parameters)
    {
        await _schema.EnsureAsync(cancellationToken).ConfigureAwait(false);
        var setsIsolation = _setsIsolation;
        try
        {
            var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return setsIsolation
                    ? await RunReadCommittedAsync(connection, sql, isPrepared, read, parameters, cancellationToken).ConfigureAwait(false)
                    : await RunAsync(connection, sql, isPrepared, read, parameters, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DbException exception) when (PostgreSqlSchema.IsMissing(exception))
        {
            // Restored without the tables, perhaps: the next attempt looks again.
            _schema.Forget();
            throw;
        }
        catch (DbException exception) when (_canPrepare && exception.SqlState is UnknownStatement or StatementExists)
        {
            // What stands between gives each transaction another connection of the server. Nothing was carried out.
            _canPrepare = false;
            return await QueryAllAsync(sql, isPrepared: false, read, cancellationToken, parameters).ConfigureAwait(false);
        }
        catch (DbException exception) when (!setsIsolation && exception.SqlState is SerializationFailure)
        {
            // The app's transactions are stricter by default, and fail where these wait for each other. Nothing was carried out.
            _setsIsolation = true;
            return await QueryAllAsync(sql, isPrepared, read, cancellationToken, parameters).ConfigureAwait(false);
        }
    }

    public void Dispose() => _schema.Dispose();

    // One round trip more than a statement alone, for the commit.
    private async Task<List<T>> RunReadCommittedAsync<T>(DbConnection connection, string sql, bool isPrepared, Func<DbDataReader, T> read, object[] parameters, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var rows = await RunAsync(connection, sql, isPrepared, read, parameters, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return rows;
        }
    }

    private async Task<List<T>> RunAsync<T>(DbConnection connection, string sql, bool isPrepared, Func<DbDataReader, T> read, object[] parameters, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
#pragma warning disable CA2100 // the only parts that are no constants are names that the options' rules admit
            command.CommandText = sql;
#pragma warning restore CA2100
            command.CommandTimeout = _commandTimeout;
            foreach (var value in parameters)
            {
                command.Parameters.Add(NewParameter(command, value));
            }

            if (isPrepared && _canPrepare)
            {
                await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
            }

            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<T>(1);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    rows.Add(read(reader));
                }

                return rows;
            }
        }
    }

    private static DbParameter NewParameter(DbCommand command, object value)
    {
        var parameter = command.CreateParameter();
        if (value is DbType type)
        {
            (parameter.DbType, parameter.Value) = (type, DBNull.Value);
        }
        else
        {
            parameter.Value = value;
        }

        return parameter;
    }

    // Once in the life of a connection of the pool, which keeps its statements. Without one the driver also makes the server
    // forget all plans whenever a connection goes back to the pool, those of the functions included.
    private async Task PrepareAsync(DbCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            // Commands of several callers share a connection.
            _canPrepare = false;
        }
    }
}
