using System.Data;
using System.Data.Common;
using System.Globalization;

namespace OpenRouter.Billing.Sql;

/// <summary>Creates the tables when there are none, once, however many processes start at once.</summary>
internal sealed class PostgreSqlSchema(DbDataSource dataSource, SqlNames names, SqlLedgerOptions options) : IDisposable
{
    // Of this library's own, so that it meets no lock of the app's.
    private const long CreationLock = (1330790985L << 32) - 1;

    private const string InsufficientPrivilege = "42501";

    private readonly SemaphoreSlim _gate = new(1);
    private volatile bool _isThere;

    /// <summary>Whether a fault says that tables or functions are missing.</summary>
    public static bool IsMissing(DbException exception) => exception.SqlState is "42P01" or "42883" or "3F000";

    public void Forget() => _isThere = false;

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (_isThere)
        {
            return;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isThere)
            {
                var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    await EnsureAsync(connection, cancellationToken).ConfigureAwait(false);
                }

                _isThere = true;
            }
        }
        catch (DbException exception) when (exception.SqlState is InsufficientPrivilege)
        {
            throw new SqlLedgerUnavailableException(
                "The ledger's user may not look for its tables or create them: grant it the right, or run the script of SqlLedgerSchema.GetScript as another user, grant this one the tables and functions, and set CreatesSchema to false.",
                exception);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task EnsureAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        if (SqlLedgerSchemaVersion.IsThere(await FindAsync(connection, cancellationToken).ConfigureAwait(false), options))
        {
            return;
        }

        // Whatever is the connection's default: who waited for the lock must see what was made meanwhile.
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({CreationLock})"), cancellationToken).ConfigureAwait(false);
            if (!SqlLedgerSchemaVersion.IsThere(await FindAsync(connection, cancellationToken).ConfigureAwait(false), options))
            {
                if (names.Schema is { } schema)
                {
                    await ExecuteAsync(connection, $"CREATE SCHEMA IF NOT EXISTS \"{schema}\"", cancellationToken).ConfigureAwait(false);
                }

                await ExecuteAsync(connection, SqlLedgerSchema.GetScript(SqlDialect.PostgreSql, options), cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<int?> FindAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        // Not to_regclass, which goes on seeing no table after it has seen none, in the transaction that waited for the lock.
        var place = names.Schema is { } schema ? $"n.nspname = '{schema}'" : "pg_table_is_visible(c.oid)";
        var table = await ExecuteAsync(connection, names.Fill($"SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = '{{i}}version' AND {place}"), cancellationToken).ConfigureAwait(false);
        return table is null ? null
            : await ExecuteAsync(connection, names.Fill("SELECT max(version) FROM {t}version"), cancellationToken).ConfigureAwait(false) as int? ?? SqlLedgerSchemaVersion.None;
    }

    private static async Task<object?> ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
#pragma warning disable CA2100 // the only parts that are no constants are names that the options' rules admit
            command.CommandText = sql;
#pragma warning restore CA2100
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
