using System.Data;
using System.Data.Common;
using System.Globalization;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The tables in PostgreSQL. What a call does is a function in the database, so that it is one round trip.</summary>
internal sealed class PostgreSqlStore(DbDataSource dataSource, SqlNames names, SqlLedgerOptions options, TimeProvider? serverClock) : LedgerStore
{
    private const short RequestsInSums = -1;

    private readonly PostgreSqlStatements _statements = new(dataSource, names, options);
    private readonly string _acquire = names.Fill("SELECT {t}acquire($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");
    private readonly string _addLimits = names.Fill("SELECT {t}add_limits($1)");
    private readonly string _peek = names.Fill("SELECT {t}peek($1, $2, $3, $4)");
    private readonly string _settle = names.Fill("SELECT {t}settle($1, $2, $3, $4, $5)");
    private readonly string _expireSpend = names.Fill("SELECT {t}expire_spend($1)");
    private readonly string _expireUnasked = names.Fill("SELECT {t}expire_unasked($1)");
    private readonly string _prune = names.Fill("SELECT {t}prune($1)");
    private readonly string _readState = names.Fill("SELECT value, version, age FROM {t}read_state($1, $2)");
    private readonly string _writeState = names.Fill("SELECT {t}write_state($1, $2, $3, $4, $5)");
    private readonly SpendReport _report = new(names, column => $"sum({column})::text");

    // Nothing for the server's own clock.
    private object Now => OrNull(serverClock?.GetUtcNow().UtcTicks);

    public override async Task<LedgerAnswer> AcquireAsync(LeaseOrder order, bool isRepeated, CancellationToken cancellationToken)
    {
        var (claims, labels) = (order.Claims, order.Labels);
        while (true)
        {
            var answer = await _statements.QueryAsync(
                _acquire,
                reader => reader.IsDBNull(0) ? (LedgerAnswer?)null
                    : ReadUsage(reader) is { Length: > 0 } usage ? LedgerAnswer.Refused(usage)
                    : LedgerAnswer.Granted(new LeaseId(order.Id)),
                cancellationToken,
                order.Id, isRepeated, order.Duration, claims.Names, claims.Totals, claims.Oldest, claims.Units, claims.Amounts, claims.Capacities, claims.Since, claims.Windows,
                OrNull(labels is null ? null : order.ClaimedCost), labels is null ? DbType.Binary : labels.Digest(),
                OrNull(labels?.Project), OrNull(labels?.Member), OrNull(labels?.Workspace), OrNull(labels?.KeyHash), OrNull(labels?.Model), Now).ConfigureAwait(false);
            if (answer is { } known)
            {
                return known;
            }

            // Once in the life of a limit.
            await _statements.ExecuteAsync(_addLimits, cancellationToken, (object)claims.Names).ConfigureAwait(false);
        }
    }

    public override Task<LimitUsage[]> PeekAsync(ClaimSet claims, CancellationToken cancellationToken) =>
        _statements.QueryAsync(_peek, ReadUsage, cancellationToken, claims.Names, claims.Since, claims.Windows, Now);

    public override Task SettleAsync(IReadOnlyList<LeaseSettlement> settlements, CancellationToken cancellationToken)
    {
        var (leases, units, amounts) = (new List<Guid>(), new List<short>(), new List<long>());
        foreach (var settlement in settlements)
        {
            foreach (var unit in (LimitUnit[])[LimitUnit.UsDollars, LimitUnit.UsDollarsWithByok, LimitUnit.Requests])
            {
                if (settlement[unit] is { } amount)
                {
                    leases.Add(settlement.Lease);
                    units.Add((short)unit);
                    amounts.Add(amount);
                }
            }

            if (settlement.Requests != 1)
            {
                leases.Add(settlement.Lease);
                units.Add(RequestsInSums);
                amounts.Add(settlement.Requests);
            }
        }

        var released = settlements.Where(settlement => settlement.IsReleased).Select(settlement => settlement.Lease).ToArray();
        return _statements.ExecuteAsync(_settle, cancellationToken, leases.ToArray(), units.ToArray(), amounts.ToArray(), released, Now);
    }

    public override async Task<IReadOnlyList<SpendEntry>> ReadSpendAsync(SpendQuery query, CancellationToken cancellationToken)
    {
        await _statements.ExecuteAsync(_expireSpend, cancellationToken, Now).ConfigureAwait(false);
        var (sql, parameters) = _report.Ask(query);
        return SpendReport.Order(await _statements.QueryAllAsync(sql, isPrepared: false, reader => SpendReport.Read(reader, query.GroupBy, Sum), cancellationToken, parameters).ConfigureAwait(false));

        static Int128 Sum(DbDataReader reader, int column) => Int128.Parse(reader.GetString(column), CultureInfo.InvariantCulture);
    }

    public override async Task<SharedValue?> ReadStateAsync(string name, CancellationToken cancellationToken) =>
        (await _statements.QueryAllAsync(_readState, isPrepared: true, reader => new SharedValue(reader.GetString(0), reader.GetInt64(1), new TimeSpan(Math.Max(0, reader.GetInt64(2)))), cancellationToken, name, Now).ConfigureAwait(false)).SingleOrDefault();

    public override Task<bool> TryWriteStateAsync(string name, string text, long expectedVersion, TimeSpan? keepFor, CancellationToken cancellationToken) =>
        _statements.QueryAsync(_writeState, reader => reader.GetBoolean(0), cancellationToken, name, text, expectedVersion, OrNull(keepFor?.Ticks), Now);

    // In a transaction of its own, because it locks limits that are in use.
    public override async Task PruneAsync(CancellationToken cancellationToken)
    {
        await _statements.ExecuteAsync(_expireUnasked, cancellationToken, Now).ConfigureAwait(false);
        await _statements.ExecuteAsync(_prune, cancellationToken, Now).ConfigureAwait(false);
    }

    public override ValueTask DisposeAsync()
    {
        _statements.Dispose();
        return ValueTask.CompletedTask;
    }

    // Three figures of each claim: what is settled of all, what is leased, and the oldest use.
    private static LimitUsage[] ReadUsage(DbDataReader reader)
    {
        var figures = reader.IsDBNull(0) ? [] : reader.GetFieldValue<long?[]>(0);
        var usage = new LimitUsage[figures.Length / 3];
        for (var index = 0; index < usage.Length; index++)
        {
            DateTimeOffset? oldest = figures[index + (2 * usage.Length)] is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
            usage[index] = new LimitUsage(figures[index].GetValueOrDefault(), figures[index + usage.Length].GetValueOrDefault(), oldest);
        }

        return usage;
    }

    // No value, but of a type: a prepared statement is found again by the types of its parameters.
    private static object OrNull(long? value) => value ?? (object)DbType.Int64;

    private static object OrNull(string? value) => value ?? (object)DbType.String;
}
