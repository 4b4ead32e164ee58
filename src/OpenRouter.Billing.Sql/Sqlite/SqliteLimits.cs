using System.Data.Common;
using System.Runtime.InteropServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The limits that one transaction works on: read once, changed in memory, and written at its end.</summary>
internal sealed class SqliteLimits(SqliteSession session)
{
    private const long Part = 1_000_000_000_000_000_000;
    private const int CompactAbove = 512;

    // How old a bucket is when it becomes part of a wider one.
    private static readonly (long Width, long Age)[] Tiers =
    [
        (TimeSpan.TicksPerMinute, 2 * TimeSpan.TicksPerMinute),
        // Longer than a day: a day's window begins one lag before midnight, and an hour of yesterday must not count with it.
        (TimeSpan.TicksPerHour, 26 * TimeSpan.TicksPerHour),
        (TimeSpan.TicksPerDay, 2 * TimeSpan.TicksPerDay),
    ];

    private readonly Dictionary<long, SqliteLimit> _byId = [];
    private readonly Dictionary<string, SqliteLimit?> _byName = new(StringComparer.Ordinal);

    public SqliteLimit? Find(string name)
    {
        if (!_byName.TryGetValue(name, out var limit))
        {
            limit = session.First("SELECT id, leased, total, total_high, last_end, buckets, compact_above, reach FROM {t}limits WHERE name = $1", Read, name);
            limit = limit is null ? null : Keep(limit);
            _byName.Add(name, limit);
        }

        return limit;
    }

    public SqliteLimit FindOrAdd(string name)
    {
        if (Find(name) is { } known)
        {
            return known;
        }

        session.Execute("INSERT INTO {t}limits (name) VALUES ($1)", name);
        var limit = Keep(session.First("SELECT id, leased, total, total_high, last_end, buckets, compact_above, reach FROM {t}limits WHERE name = $1", Read, name)!);
        _byName[name] = limit;
        return limit;
    }

    public SqliteLimit Find(long id) => _byId.TryGetValue(id, out var limit) ? limit
        : Keep(session.First("SELECT id, leased, total, total_high, last_end, buckets, compact_above, reach FROM {t}limits WHERE id = $1", Read, id)!);

    /// <summary>Tells what is in use since an instant.</summary>
    public (Int128 Settled, Int128 Prior) Since(SqliteLimit limit, long since)
    {
        var prior = limit.LastEnd <= since ? limit.Total
            : session.First("SELECT total, total_high FROM {t}buckets WHERE limit_id = $1 AND end_at <= $2 ORDER BY end_at DESC LIMIT 1", reader => ReadTotal(reader, 0), limit.Id, since);
        return (limit.Total - prior, prior);
    }

    public LimitUsage Look(SqliteLimit limit, long since)
    {
        var (settled, prior) = Since(limit, since);
        DateTimeOffset? oldest = settled <= 0 ? null : new DateTimeOffset(
            session.First(
                "SELECT end_at FROM {t}buckets WHERE limit_id = $1 AND end_at > $2 AND (total_high > $3 OR (total_high = $3 AND total > $4)) ORDER BY end_at LIMIT 1",
                reader => (long?)reader.GetInt64(0),
                limit.Id, since, (long)(prior / Part), (long)(prior % Part)) ?? limit.LastEnd,
            TimeSpan.Zero);
        return new LimitUsage((long)Int128.Min(settled, long.MaxValue), limit.Leased, oldest);
    }

    /// <summary>Books settled use and returns the instant under which it is found again.</summary>
    public long Book(SqliteLimit limit, long at, long amount)
    {
        if (amount == 0)
        {
            return at;
        }

        limit.IsChanged = true;
        // A clock that went back books into the newest second: later than true, so it counts longer than needed.
        if (at < limit.LastEnd)
        {
            limit.Total += amount;
            return limit.LastEnd - 1;
        }

        if (limit.LastEnd > 0)
        {
            session.Execute("INSERT INTO {t}buckets (limit_id, end_at, total, total_high) VALUES ($1, $2, $3, $4)", limit.Id, limit.LastEnd, (long)(limit.Total % Part), (long)(limit.Total / Part));
            limit.Buckets++;
        }

        if (limit.Buckets >= limit.CompactAbove)
        {
            Compact(limit, at);
        }

        limit.Total += amount;
        limit.LastEnd = at - (at % TimeSpan.TicksPerSecond) + TimeSpan.TicksPerSecond;
        return at;
    }

    /// <summary>Takes back what was booked at an instant.</summary>
    public void Unbook(SqliteLimit limit, long at, long amount)
    {
        foreach (var (end, total) in session.All("SELECT end_at, total, total_high FROM {t}buckets WHERE limit_id = $1 AND end_at > $2", reader => (reader.GetInt64(0), ReadTotal(reader, 1)), limit.Id, at))
        {
            var left = total - amount;
            session.Execute("UPDATE {t}buckets SET total = $3, total_high = $4 WHERE limit_id = $1 AND end_at = $2", limit.Id, end, (long)(left % Part), (long)(left / Part));
        }

        limit.Total -= amount;
        limit.IsChanged = true;
    }

    /// <summary>Writes what has changed.</summary>
    public void Save()
    {
        foreach (var limit in _byId.Values.Where(limit => limit.IsChanged))
        {
            session.Execute(
                "UPDATE {t}limits SET leased = $2, total = $3, total_high = $4, last_end = $5, buckets = $6, compact_above = $7, reach = $8 WHERE id = $1",
                limit.Id, limit.Leased, (long)(limit.Total % Part), (long)(limit.Total / Part), limit.LastEnd, limit.Buckets, limit.CompactAbove, limit.Reach);
        }
    }

    private void Compact(SqliteLimit limit, long now)
    {
        foreach (var (width, age) in Tiers)
        {
            session.Execute(
                """
                DELETE FROM {t}buckets
                 WHERE limit_id = $1 AND (end_at + $2 - 1) / $2 * $2 <= $3
                   AND EXISTS (SELECT 1 FROM {t}buckets n
                                WHERE n.limit_id = $1 AND n.end_at > {t}buckets.end_at AND n.end_at <= ({t}buckets.end_at + $2 - 1) / $2 * $2)
                """,
                limit.Id, width, now - age);
            session.Execute(
                "UPDATE {t}buckets SET end_at = (end_at + $2 - 1) / $2 * $2 WHERE limit_id = $1 AND end_at % $2 <> 0 AND (end_at + $2 - 1) / $2 * $2 <= $3",
                limit.Id, width, now - age);
        }

        limit.Buckets = session.First("SELECT count(*) FROM {t}buckets WHERE limit_id = $1", reader => reader.GetInt32(0), limit.Id);
        // What is left after compacting stays for long: with room for as much again, compacting costs little per booking.
        limit.CompactAbove = Math.Max(CompactAbove, 2 * limit.Buckets);
    }

    // Found under its name or its number, it is one row, and changed once already perhaps.
    private SqliteLimit Keep(SqliteLimit limit) => CollectionsMarshal.GetValueRefOrAddDefault(_byId, limit.Id, out _) ??= limit;

    private static SqliteLimit Read(DbDataReader reader) => new(reader.GetInt64(0))
    {
        Leased = reader.GetInt64(1),
        Total = ReadTotal(reader, 2),
        LastEnd = reader.GetInt64(4),
        Buckets = reader.GetInt32(5),
        CompactAbove = reader.GetInt32(6),
        Reach = reader.GetInt64(7),
    };

    private static Int128 ReadTotal(DbDataReader reader, int column) => reader.GetInt64(column) + ((Int128)reader.GetInt64(column + 1) * Part);
}
