using System.Data.Common;
using System.Globalization;

namespace OpenRouter.Billing.Sql;

/// <summary>Opens the one connection that a ledger holds, and creates the tables when there are none.</summary>
internal sealed class SqliteConnections(DbDataSource dataSource, SqlNames names, SqlLedgerOptions options)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public async Task<SqliteSession> OpenAsync(CancellationToken cancellationToken)
    {
        var session = new SqliteSession(await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false), names);
        try
        {
            session.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {(long)options.Timeout.TotalMilliseconds}"));
            await UseWriteAheadLogAsync(session, cancellationToken).ConfigureAwait(false);
            // What was granted and settled must survive a power cut, too.
            session.Run("PRAGMA synchronous = FULL");
            CreateTables(session);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The change needs the file for itself, and is refused at once and not waited for while others are at it. Whatever else is
    // wrong with the file is refused alike: so it is not tried until the time of the call is up, when nobody would hear the reason.
    private async Task UseWriteAheadLogAsync(SqliteSession session, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (session.Run("PRAGMA journal_mode") is "wal")
                {
                    return;
                }

                if (session.Run("PRAGMA journal_mode = WAL") is not "wal" and var mode)
                {
                    throw new SqlLedgerUnavailableException($"The database has no write-ahead log (its journal_mode is '{mode}'), so it is lost with its connection or cannot be shared: use a file on a local disk.");
                }
            }
            catch (DbException) when (!cancellationToken.IsCancellationRequested && TimeProvider.System.GetElapsedTime(started) < options.Timeout / 2)
            {
                await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void CreateTables(SqliteSession session)
    {
        if (SqlLedgerSchemaVersion.IsThere(Find(session), options))
        {
            return;
        }

        session.InTransaction(within =>
            SqlLedgerSchemaVersion.IsThere(Find(within), options) ? null : within.Run(SqlLedgerSchema.GetScript(SqlDialect.Sqlite, options)));
    }

    private static int? Find(SqliteSession session) =>
        session.Run("SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{t}version'") is null ? null
            : session.Run("SELECT max(version) FROM {t}version") is long version ? checked((int)version) : SqlLedgerSchemaVersion.None;
}
