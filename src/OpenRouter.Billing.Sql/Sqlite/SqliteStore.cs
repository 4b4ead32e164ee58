using System.Data.Common;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// The tables in SQLite. One connection per ledger, and one call at a time: SQLite lets one write at a time anyway, and
/// those of this process wait for each other without a thread. Its clock is the machine's, which is this process's too.
/// </summary>
internal sealed class SqliteStore(DbDataSource dataSource, SqlNames names, SqlLedgerOptions options, TimeProvider clock) : LedgerStore
{
    // So many that more are hardly ever due, and so few that a call ends in time.
    private const int MostExpiredAtOnce = 10_000;

    // An expired lease is remembered this long, so that a very late answer can still replace the full amount by the true one.
    private const long LateSettlement = TimeSpan.TicksPerDay;

    // Days of spending, and of single limits, that are kept.
    private const int KeptDays = 400;

    // Longer than any month, so that no calendar window which began before can still be open.
    private const long UnusedFor = 40 * TimeSpan.TicksPerDay;

    // A clock may be this far ahead; a claim on a window that begins later is a mistake, not a clock.
    private const long MostAhead = 10 * TimeSpan.TicksPerMinute;

    private const string Unused =
        "leased = 0 AND ((total = 0 AND total_high = 0) OR (reach < $1 AND last_end < $2 - $1)) AND id NOT IN (SELECT limit_id FROM {t}holds)";

    private readonly SqliteConnections _connections = new(dataSource, names, options);
    private readonly SpendReport _report = new(names, column => $"sum({column} / 1000000000), sum({column} % 1000000000)");
#pragma warning disable CA2213 // it holds nothing that must be freed, and whoever still waits for it must be let through to hear that all is closed
    private readonly SemaphoreSlim _gate = new(1);
#pragma warning restore CA2213
    private SqliteSession? _session;
    private bool _isClosed;

    private long Now => clock.GetUtcNow().UtcTicks;

    public override Task<LedgerAnswer> AcquireAsync(LeaseOrder order, bool isRepeated, CancellationToken cancellationToken) =>
        WriteAsync(session => Acquire(session, order), cancellationToken);

    public override Task<LimitUsage[]> PeekAsync(ClaimSet claims, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                var (limits, now) = (new SqliteLimits(session), Now);
                Expire(session, limits, now);
                var usage = Look(limits, claims, now);
                limits.Save();
                return usage;
            },
            cancellationToken);

    public override Task SettleAsync(IReadOnlyList<LeaseSettlement> settlements, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                var (limits, spend, now) = (new SqliteLimits(session), new SqliteSpend(session), Now);
                // First what came first: what expired long ago must not be booked behind what is settled now.
                Expire(session, limits, now);
                foreach (var settlement in settlements)
                {
                    Settle(session, limits, settlement, now);
                    spend.Settle(settlement, now);
                }

                limits.Save();
                return true;
            },
            cancellationToken);

    public override Task<IReadOnlyList<SpendEntry>> ReadSpendAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        var (sql, parameters) = _report.Ask(query);
        return WriteAsync(
            session =>
            {
                new SqliteSpend(session).Expire(Now);
                return SpendReport.Order(session.All(sql, reader => SpendReport.Read(reader, query.GroupBy, Sum, sumColumns: 2), parameters));
            },
            cancellationToken);

        // Dollars and billionths apart, so that no sum of them is too large.
        static Int128 Sum(DbDataReader reader, int column) => ((Int128)reader.GetInt64(column) * 1_000_000_000) + reader.GetInt64(column + 1);
    }

    public override Task<SharedValue?> ReadStateAsync(string name, CancellationToken cancellationToken) => UseAsync(
        session =>
        {
            var now = Now;
            return session.First(
                "SELECT value, version, written_at FROM {t}state WHERE name = $1 AND keep_until > $2",
                reader => new SharedValue(reader.GetString(0), reader.GetInt64(1), new TimeSpan(Math.Max(0, now - reader.GetInt64(2)))),
                name, now);
        },
        cancellationToken);

    public override Task<bool> TryWriteStateAsync(string name, string text, long expectedVersion, TimeSpan? keepFor, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var now = Now;
            var until = keepFor is { } kept ? Later(now, kept.Ticks) : long.MaxValue;
            if ((session.First("SELECT version FROM {t}state WHERE name = $1 AND keep_until > $2", reader => reader.GetInt64(0), name, now)) != expectedVersion)
            {
                return false;
            }

            session.Execute("UPDATE {t}state_version SET last = last + 1");
            session.Execute("INSERT OR REPLACE INTO {t}state (name, value, version, written_at, keep_until) SELECT $1, $2, last, $3, $4 FROM {t}state_version", name, text, now, until);
            return true;
        },
        cancellationToken);

    public override Task PruneAsync(CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var now = Now;
            new SqliteSpend(session).Expire(now);
            session.Execute("DELETE FROM {t}holds WHERE booked_at IS NOT NULL AND deadline < $1", now - LateSettlement);
            session.Execute("DELETE FROM {t}leases WHERE is_guess = 1 AND deadline < $1", now - LateSettlement);
            session.Execute("DELETE FROM {t}spend WHERE day < $1", SqliteSpend.DayOf(now) - KeptDays);
            session.Execute("DELETE FROM {t}state WHERE keep_until <= $1", now);
            // Reads all limits, but of the buckets, which are many more, only those that go.
            session.Execute($"DELETE FROM {{t}}buckets WHERE limit_id IN (SELECT id FROM {{t}}limits WHERE {Unused})", UnusedFor, now);
            session.Execute($"DELETE FROM {{t}}limits WHERE {Unused}", UnusedFor, now);
            // One bucket older than that stays: it is what newer ones are counted from. Where there are few, all may stay: to look at each
            // limit's would be to read them all.
            session.Execute(
                """
                DELETE FROM {t}buckets
                 WHERE limit_id IN (SELECT id FROM {t}limits WHERE buckets > 300)
                   AND end_at < (SELECT max(b.end_at) FROM {t}buckets b WHERE b.limit_id = {t}buckets.limit_id AND b.end_at <= $1)
                """,
                now - (KeptDays * TimeSpan.TicksPerDay));
            return true;
        },
        cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _isClosed = true;
        await CloseAsync().ConfigureAwait(false);
        _gate.Release();
    }

    private static LedgerAnswer Acquire(SqliteSession session, LeaseOrder order, long now)
    {
        var (claims, limits) = (order.Claims, new SqliteLimits(session));
        Expire(session, limits, now);
        for (var index = 0; index < claims.Count; index++)
        {
            if (!HasRoom(limits, claims, index, now))
            {
                var usage = Look(limits, claims, now);
                limits.Save();
                return LedgerAnswer.Refused(usage);
            }
        }

        var (id, deadline) = (order.Id.ToByteArray(), Later(now, order.Duration));
        for (var index = 0; index < claims.Count; index++)
        {
            var limit = limits.FindOrAdd(claims.Names[index]);
            limit.Leased += claims.Amounts[index];
            limit.Reach = Math.Max(limit.Reach, now - claims.Since[index]);
            limit.IsChanged = true;
            // A claim on a window that is yet to begin is booked where it begins.
            var notBefore = claims.Windows[index] == 0 && claims.Since[index] > now && claims.Since[index] <= now + MostAhead ? claims.Since[index] : 0;
            session.Execute(
                "INSERT INTO {t}holds (lease, number, limit_id, unit, amount, deadline, not_before) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                id, index, limit.Id, claims.Units[index], claims.Amounts[index], deadline, notBefore);
        }

        limits.Save();
        if (order.Labels is { } labels)
        {
            session.Execute(
                "INSERT INTO {t}leases (id, deadline, claimed, labels, project, member, workspace, key_hash, model) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                id, deadline, order.ClaimedCost, labels.Digest(), labels.Project, labels.Member, labels.Workspace, labels.KeyHash, labels.Model);
        }

        return LedgerAnswer.Granted(new LeaseId(order.Id));
    }

    // Wider than the figures: a sum that wraps around would read as room.
    private static bool HasRoom(SqliteLimits limits, ClaimSet claims, int index, long now)
    {
        var limit = limits.Find(claims.Names[index]);
        Int128 used = limit is null ? 0 : limit.Leased + limits.Since(limit, SinceOf(claims, index, now)).Settled;
        return used + claims.Totals[index] <= claims.Capacities[index];
    }

    private static LimitUsage[] Look(SqliteLimits limits, ClaimSet claims, long now)
    {
        var usage = new LimitUsage[claims.Count];
        for (var index = 0; index < usage.Length; index++)
        {
            usage[index] = limits.Find(claims.Names[index]) is { } limit ? limits.Look(limit, SinceOf(claims, index, now)) : default;
        }

        return usage;
    }

    private static long SinceOf(ClaimSet claims, int index, long now) =>
        claims.Windows[index] > 0 ? Math.Min(claims.Since[index], now - claims.Windows[index]) : claims.Since[index];

    private static void Expire(SqliteSession session, SqliteLimits limits, long now)
    {
        var due = session.All(
            "SELECT lease, number, limit_id, amount, deadline, not_before FROM {t}holds WHERE booked_at IS NULL AND deadline <= $1 ORDER BY deadline LIMIT $2",
            reader => (Lease: reader.GetFieldValue<byte[]>(0), Number: reader.GetInt32(1), Limit: reader.GetInt64(2), Amount: reader.GetInt64(3), Deadline: reader.GetInt64(4), NotBefore: reader.GetInt64(5)),
            now, MostExpiredAtOnce);
        foreach (var hold in due)
        {
            var limit = limits.Find(hold.Limit);
            limit.Leased -= hold.Amount;
            limit.IsChanged = true;
            var at = limits.Book(limit, Math.Max(hold.Deadline, hold.NotBefore), hold.Amount);
            session.Execute("UPDATE {t}holds SET booked_at = $3 WHERE lease = $1 AND number = $2", hold.Lease, hold.Number, at);
        }
    }

    private static void Settle(SqliteSession session, SqliteLimits limits, LeaseSettlement settlement, long now)
    {
        var lease = settlement.Lease.ToByteArray();
        var holds = session.All(
            "SELECT number, limit_id, unit, amount, not_before, booked_at FROM {t}holds WHERE lease = $1",
            reader => (Number: reader.GetInt32(0), Limit: reader.GetInt64(1), Unit: (LimitUnit)reader.GetInt32(2), Amount: reader.GetInt64(3), NotBefore: reader.GetInt64(4), BookedAt: reader.IsDBNull(5) ? (long?)null : reader.GetInt64(5)),
            lease);
        var closed = 0;
        foreach (var hold in holds.Where(hold => settlement.IsReleased || settlement[hold.Unit] is not null))
        {
            closed++;
            var limit = limits.Find(hold.Limit);
            if (hold.BookedAt is { } bookedAt)
            {
                limits.Unbook(limit, bookedAt, hold.Amount);
            }
            else
            {
                limit.Leased -= hold.Amount;
                limit.IsChanged = true;
            }

            limits.Book(limit, Math.Max(now, hold.NotBefore), settlement[hold.Unit] ?? 0);
        }

        if (closed > 0 && closed == holds.Count)
        {
            session.Execute("DELETE FROM {t}holds WHERE lease = $1", lease);
            return;
        }

        foreach (var hold in holds.Where(hold => settlement[hold.Unit] is not null))
        {
            session.Execute("DELETE FROM {t}holds WHERE lease = $1 AND number = $2", lease, hold.Number);
        }
    }

    // A duration without end is one that lasts until the end of time.
    private static long Later(long now, long duration) => now + Math.Min(duration, long.MaxValue - now);

    private LedgerAnswer Acquire(SqliteSession session, LeaseOrder order) => Acquire(session, order, Now);

    private Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) => UseAsync(session => session.InTransaction(work), cancellationToken);

    private async Task<T> UseAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SqlBillingLedger));
            cancellationToken.ThrowIfCancellationRequested();
            // The driver blocks, for as long as others have the file: not the caller, who may give up.
            return await Task.Run(
                async () =>
                {
                    _session ??= await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
                    return work(_session);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // Whatever is wrong with the connection, the next call begins anew.
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
