using System.Data.Common;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The sums of spending, while a transaction works on them.</summary>
internal sealed class SqliteSpend(SqliteSession session)
{
    private const int MostExpiredAtOnce = 10_000;

    // Far more than anyone has; a sum of a day stops there rather than wrapping around.
    private const long Most = long.MaxValue / 2;

    private const string Columns = "id, deadline, claimed, labels, project, member, workspace, key_hash, model, has_cost, has_byok, is_guess, day";

    public static int DayOf(long ticks) => (int)(ticks / TimeSpan.TicksPerDay);

    public void Settle(LeaseSettlement settlement, long now)
    {
        if (session.First($"SELECT {Columns} FROM {{t}}leases WHERE id = $1", Read, settlement.Lease.ToByteArray()) is not { } lease)
        {
            return;
        }

        var (cost, withByok) = (lease.HasCost ? null : settlement[LimitUnit.UsDollars], lease.HasByok ? null : settlement[LimitUnit.UsDollarsWithByok]);
        if (cost is not null || withByok is not null)
        {
            // What a request cost stays on the day on which it was first booked.
            var (guess, day) = (lease.IsGuess ? lease.Claimed : 0, lease.Day ?? DayOf(now));
            Add(lease, day, lease.Day is null ? settlement.Requests : 0, cost is { } billed ? billed - guess : 0, withByok is { } paid ? paid - guess : 0);
            lease = lease with { Day = day, HasCost = lease.HasCost || cost is not null, HasByok = lease.HasByok || withByok is not null };
        }

        if (settlement.IsReleased && lease is { IsGuess: true, Day: { } booked })
        {
            Add(lease, booked, lease.HasCost || lease.HasByok ? 0 : -1, lease.HasCost ? 0 : -lease.Claimed, lease.HasByok ? 0 : -lease.Claimed);
        }

        if (settlement.IsReleased || (lease.HasCost && lease.HasByok))
        {
            session.Execute("DELETE FROM {t}leases WHERE id = $1", lease.Id);
        }
        else
        {
            Save(lease);
        }
    }

    /// <summary>Books what was never settled at what it claimed, until a late settlement says better.</summary>
    public void Expire(long now)
    {
        foreach (var due in session.All($"SELECT {Columns} FROM {{t}}leases WHERE is_guess = 0 AND deadline <= $1 LIMIT $2", Read, now, MostExpiredAtOnce))
        {
            var day = due.Day ?? DayOf(due.Deadline);
            Add(due, day, due.Day is null ? 1 : 0, due.HasCost ? 0 : due.Claimed, due.HasByok ? 0 : due.Claimed);
            Save(due with { Day = day, IsGuess = true });
        }
    }

    private void Add(Lease lease, int day, long requests, long cost, long withByok)
    {
        var known = session.First("SELECT requests, cost, cost_with_byok FROM {t}spend WHERE day = $1 AND labels = $2", reader => new Sums(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)), day, lease.Labels);
        if (known is null)
        {
            session.Execute(
                "INSERT INTO {t}spend (day, labels, project, member, workspace, key_hash, model, requests, cost, cost_with_byok) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                day, lease.Labels, lease.Names.Project, lease.Names.Member, lease.Names.Workspace, lease.Names.KeyHash, lease.Names.Model, requests, Bound(cost), Bound(withByok));
            return;
        }

        session.Execute(
            "UPDATE {t}spend SET requests = $3, cost = $4, cost_with_byok = $5 WHERE day = $1 AND labels = $2",
            day, lease.Labels, known.Requests + requests, Bound((Int128)known.Cost + cost), Bound((Int128)known.WithByok + withByok));
    }

    private void Save(Lease lease) => session.Execute(
        "UPDATE {t}leases SET has_cost = $2, has_byok = $3, is_guess = $4, day = $5 WHERE id = $1",
        lease.Id, lease.HasCost ? 1 : 0, lease.HasByok ? 1 : 0, lease.IsGuess ? 1 : 0, lease.Day);

    private static long Bound(Int128 amount) => (long)Int128.Clamp(amount, -Most, Most);

    private static Lease Read(DbDataReader reader) => new(
        reader.GetFieldValue<byte[]>(0),
        reader.GetInt64(1),
        reader.GetInt64(2),
        reader.GetFieldValue<byte[]>(3),
        new StoredLabels(Text(reader, 4), Text(reader, 5), Text(reader, 6), Text(reader, 7), Text(reader, 8)),
        reader.GetInt64(9) != 0,
        reader.GetInt64(10) != 0,
        reader.GetInt64(11) != 0,
        reader.IsDBNull(12) ? null : reader.GetInt32(12));

    private static string? Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private sealed record Sums(long Requests, long Cost, long WithByok);

    private sealed record Lease(byte[] Id, long Deadline, long Claimed, byte[] Labels, StoredLabels Names, bool HasCost, bool HasByok, bool IsGuess, int? Day);
}
