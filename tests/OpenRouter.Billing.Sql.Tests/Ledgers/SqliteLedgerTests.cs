using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;
using SQLitePCL;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class SqliteLedgerTests : SqlLedgerTests
{
    protected override Task<TestDatabase> OpenDatabaseAsync() => Task.FromResult<TestDatabase>(new SqliteDatabase());

    [Fact]
    public async Task AcquireAsync_FileOfANewLedger_IsAWriteAheadLogThatSurvivesAPowerCut()
    {
        await HoldAsync(Database.Open(Clock), "a", 1);

        await using var connection = new SqliteConnection(((SqliteDatabase)Database).ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task AcquireAsync_FileLockedByAnother_WaitsForItsTurn()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        var other = await LockAsync();

        var acquiring = Task.Run(() => HoldAsync(ledger, "a", 1), Cancellation);
        await other.DisposeAsync();

        await acquiring;
        Assert.Equal((0, 2), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_FileLockedForTooLong_IsUnavailableAndRecovers()
    {
        Database.Options.Timeout = TimeSpan.FromMilliseconds(50);
        var ledger = Database.Open();
        await ledger.PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation);
        var other = await LockAsync();

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => ledger.AcquireAsync([Claims.Money("a", 1, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(1), Cancellation).AsTask());

        Assert.NotNull(fault.InnerException);
        Assert.False(ledger.Health.IsAvailable);
        await other.DisposeAsync();
        // What waited in the queue (the return of what might have been granted) tries on by itself and finds the way back.
        await Waiting.UntilAsync(() => ledger.Health is { IsAvailable: true, QueuedSettlements: 0 });
        Assert.NotNull((await ledger.AcquireAsync([Claims.Money("a", 5, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(1), Cancellation)).Lease);
    }

    [Fact]
    public async Task AcquireAsync_FileThatIsNoDatabase_IsUnavailable()
    {
        await File.WriteAllTextAsync(((SqliteDatabase)Database).File, new string('n', 10_000), Cancellation);
        Database.Options.Timeout = TimeSpan.FromSeconds(2);

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => Database.Open().AcquireAsync([], TimeSpan.FromMinutes(1), Cancellation).AsTask());

        Assert.Contains("not a database", Assert.IsType<SqliteException>(fault.InnerException).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_FaultWithinItsTransaction_LeavesTheFileToOthers()
    {
        var ledger = Database.Open();
        await HoldAsync(ledger, "a", 1);
        await ExecuteAsync($"CREATE TRIGGER fault BEFORE INSERT ON {Database.Prefix}holds BEGIN SELECT RAISE(FAIL, 'as it happens'); END");

        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        await ExecuteAsync("DROP TRIGGER fault");
        await Waiting.UntilAsync(() => ledger.Health is { IsAvailable: true, QueuedSettlements: 0 });
        await HoldAsync(ledger, "a", 1);
        Assert.Equal((0, 2), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_FileLockedByAnotherAndGivenUp_EndsAtOnce()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        await using var other = await LockAsync();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        // On this thread: the driver would keep it for as long as the file is locked.
        var acquiring = ledger.AcquireAsync([Claims.Money("a", 1, 5, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(1), caller.Token);
        Assert.False(acquiring.IsCompleted);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await acquiring);
    }

    [Fact]
    public async Task AcquireAsync_DatabaseInMemory_IsRefused()
    {
        await using var dataSource = SqliteFactory.Instance.CreateDataSource("Data Source=:memory:");
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.Sqlite, Database.Options);

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        Assert.Contains("journal_mode is 'memory'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireRefuseAndSettle_AmongManyLimits_TakeNoMoreStepsThanAmongFew()
    {
        const int Limits = 100_000;
        await using var dataSource = new OneConnection(((SqliteDatabase)Database).ConnectionString);
        await using (var ledger = new SqlBillingLedger(dataSource, SqlDialect.Sqlite, Database.Options, TimeProvider.System, Clock))
        {
            // Twice, as what comes first makes the tables, adds limits and prunes.
            await SpendSomeAsync(ledger);
            await FillAsync("few", 10);
            await SpendSomeAsync(ledger);
            _ = dataSource.ReadStatements();
            await SpendSomeAsync(ledger);
            var few = dataSource.ReadStatements();
            await FillAsync("many", Limits);

            await SpendSomeAsync(ledger);

            var many = dataSource.ReadStatements();
            Assert.Contains(many, statement => statement.Sql.StartsWith($"DELETE FROM {Database.Prefix}holds", StringComparison.Ordinal) && statement.Steps > 0);
            // Some more or less, by which settlements are written together; a limit looked at in vain would be thousands.
            Assert.InRange(many.Sum(statement => statement.Steps), 0, few.Sum(statement => statement.Steps) * 105 / 100);
            Assert.All(many, statement => Assert.True(statement.RowsScanned == 0, statement.ToString()));
        }
    }

    [Fact]
    public async Task Pruning_AmongManyLimits_FindsTheBucketsOfThoseThatGoByIndex()
    {
        const int Limits = 100_000;
        await HoldAsync(Database.Open(Clock), "held", 1);
        await FillAsync("many", Limits);
        // One in a thousand has not been used for long.
        await ExecuteAsync($"UPDATE {Database.Prefix}limits SET leased = 0, last_end = 10000000, reach = 0 WHERE id % 1000 = 0");
        await ExecuteAsync($"DELETE FROM {Database.Prefix}holds WHERE limit_id % 1000 = 0");
        await using var dataSource = new OneConnection(((SqliteDatabase)Database).ConnectionString);
        await using (var ledger = new SqlBillingLedger(dataSource, SqlDialect.Sqlite, Database.Options, TimeProvider.System, Clock))
        {
            await ledger.SettleAsync(default, LimitUnit.Requests, 1, Cancellation);
            // Written when the pruning after the first has ended.
            await ledger.SettleAsync(default, LimitUnit.Requests, 1, Cancellation);

            var buckets = dataSource.ReadStatements().Where(statement => statement.Sql.StartsWith($"DELETE FROM {Database.Prefix}buckets", StringComparison.Ordinal)).ToArray();
            Assert.Equal(2, buckets.Length);
            // Their limits, and what of them is held.
            Assert.InRange(buckets.Sum(statement => statement.RowsScanned), Limits, 3 * (Limits + 10));
        }

        Assert.Equal(Limits - (Limits / 1000) + 1, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}limits"));
        Assert.Equal(3 * (Limits - (Limits / 1000)), await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}buckets"));
    }

    private async Task SpendSomeAsync(SqlBillingLedger ledger)
    {
        for (var count = 0; count < 10; count++)
        {
            var claims = Enumerable.Range(0, 3).Select(limit => Claims.Money(string.Create(CultureInfo.InvariantCulture, $"own{limit}"), 1, long.MaxValue, Clock.GetUtcNow())).ToArray();
            var request = new LeaseRequest { Claims = claims, Duration = TimeSpan.FromMinutes(15), Labels = new SpendLabels { Project = "search" }, ClaimedCost = 1 };
            var lease = (await ledger.AcquireAsync(request, Cancellation)).Lease!.Value;
            Assert.Null((await ledger.AcquireAsync(request with { Claims = [.. claims.Select(claim => claim with { Capacity = 0 })] }, Cancellation)).Lease);
            await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);
            await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 1, Cancellation);
        }
    }

    // Limits that are in use, with three buckets and an open lease each.
    private async Task FillAsync(string name, int limits) => await ExecuteAsync(
        $"""
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {limits})
        INSERT INTO {Database.Prefix}limits (name, leased, total, last_end, buckets, reach) SELECT '{name}' || n, 1, 4, {Clock.GetUtcNow().UtcTicks}, 3, {long.MaxValue} FROM n;
        INSERT INTO {Database.Prefix}buckets SELECT id, end_at, end_at, 0 FROM {Database.Prefix}limits, (SELECT 1 AS end_at UNION SELECT 2 UNION SELECT 3) WHERE name LIKE '{name}%';
        INSERT INTO {Database.Prefix}holds SELECT randomblob(16), 0, id, 0, 1, {long.MaxValue}, 0, NULL FROM {Database.Prefix}limits WHERE name LIKE '{name}%';
        INSERT INTO {Database.Prefix}leases (id, deadline, claimed, labels) SELECT randomblob(16), {long.MaxValue}, 1, x'00' FROM {Database.Prefix}limits WHERE name LIKE '{name}%';
        """);

    // A connection that writes and does not end until it is disposed of.
    private async Task<SqliteConnection> LockAsync()
    {
        var connection = new SqliteConnection(((SqliteDatabase)Database).ConnectionString + ";Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    /// <summary>A statement, the steps that it took, and the rows among them that it went through one by one.</summary>
    private sealed record Statement(string Sql, int Steps, int RowsScanned);

    /// <summary>Lets the database itself tell what the statements of a ledger cost.</summary>
    private sealed class OneConnection(string connectionString) : DbDataSource
    {
        private sqlite3? _database;

        public override string ConnectionString => connectionString;

        /// <summary>Reads what the statements did since they were read before.</summary>
        public List<Statement> ReadStatements()
        {
            var statements = new List<Statement>();
            for (var next = raw.sqlite3_next_stmt(_database!, null); next is not null; next = raw.sqlite3_next_stmt(_database!, next))
            {
                statements.Add(new(
                    raw.sqlite3_sql(next).utf8_to_string(),
                    raw.sqlite3_stmt_status(next, raw.SQLITE_STMTSTATUS_VM_STEP, 1),
                    raw.sqlite3_stmt_status(next, raw.SQLITE_STMTSTATUS_FULLSCAN_STEP, 1)));
            }

            return statements;
        }

        protected override DbConnection CreateDbConnection() => new SqliteConnection(connectionString);

        protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
        {
            var connection = (SqliteConnection)await base.OpenDbConnectionAsync(cancellationToken);
            _database = connection.Handle;
            _database!.enable_sqlite3_next_stmt(true);
            return connection;
        }
    }
}
