using System.Data.Common;
using System.Globalization;
using System.Transactions;
using Npgsql;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

public sealed class PostgresLedgerTests(PostgresCluster cluster) : SqlLedgerTests
{
    private new PostgresDatabase Database => (PostgresDatabase)base.Database;

    protected override async Task<TestDatabase> OpenDatabaseAsync() => await PostgresDatabase.OpenAsync(cluster);

    [Fact]
    public async Task AcquireAsync_SchemaThatDoesNotExist_IsCreatedWithItsTables()
    {
        var schema = string.Create(CultureInfo.InvariantCulture, $"user_{Guid.NewGuid():N}")[..30];
        Database.Options.SchemaName = schema;

        await HoldAsync(Database.Open(Clock), "a", 1);

        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {schema}.{Database.Prefix}holds"));
        await ExecuteAsync($"DROP SCHEMA {schema} CASCADE");
    }

    [Fact]
    public async Task AcquireAsync_UserWhoMayNotCreateTables_SaysWhatToDo()
    {
        var user = string.Create(CultureInfo.InvariantCulture, $"user_{Guid.NewGuid():N}")[..30];
        await ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD '{user}'");
        await using (var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = user, Password = user }.ConnectionString))
        await using (var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, new SqlLedgerOptions { SchemaName = user, Timeout = TimeSpan.FromSeconds(5) }))
        {
            var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

            Assert.Contains("set CreatesSchema to false", fault.Message, StringComparison.Ordinal);
            Assert.IsType<PostgresException>(fault.InnerException);
        }

        await ExecuteAsync($"DROP ROLE {user}");
    }

    [Fact]
    public async Task AcquireAsync_ByTheServersClock_BooksWhatItsClockSays()
    {
        var ledger = Database.Open();
        var lease = (await ledger.AcquireAsync([Claims.Money("a", 5, 10, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);

        var usage = (await ledger.PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.UnixEpoch)], Cancellation))[0];

        var server = await Database.CountAsync("SELECT extract(epoch FROM clock_timestamp())::bigint");
        Assert.Equal(3, usage.Settled);
        Assert.InRange(usage.Oldest!.Value.ToUnixTimeSeconds(), server - 60, server + 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AcquireAsync_WithinTransactionOfTheApp_IsHeldWhateverBecomesOfThat(bool isComplete)
    {
        var ledger = Database.Open(Clock);
        using (var app = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            if (isComplete)
            {
                app.Complete();
            }

            await HoldAsync(ledger, "a", 1);
            using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
            {
                // Another app's request on the same limit, which would wait for the end of the transaction.
                await HoldAsync(ledger, "a", 2);
            }
        }

        Assert.Equal((0, 3), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task SettleAsync_WithinTransactionOfTheApp_IsBookedWhateverBecomesOfThat()
    {
        var ledger = Database.Open(Clock);
        var lease = await HoldAsync(ledger, "a", 5);
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation);
        }

        Assert.Equal((3, 0), await UsedAsync(ledger, "a"));
        await ledger.ReleaseAsync(await HoldAsync(ledger, "a", 1), Cancellation);
        Assert.Equal((3, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAndSettle_ManyWithinTransactionsOfTheApp_AreBookedAndLeaveItsOwnWorkAlone()
    {
        var ledger = Database.Open(Clock);
        await ExecuteAsync($"CREATE TABLE {Database.Prefix}own (id integer)");

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async number =>
        {
            using var app = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {Database.Prefix}own VALUES ({number})"));
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await ledger.SettleAsync(await HoldAsync(ledger, "a", 5), LimitUnit.UsDollars, 3, Cancellation)));
            if (number % 2 == 0)
            {
                app.Complete();
            }
        }));

        Assert.Equal((240, 0), await UsedAsync(ledger, "a"));
        Assert.Equal(5, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}own"));
        Assert.Null(ledger.Health.LastFaultAt);
    }

    [Fact]
    public async Task AcquireAsync_WithinTransactionOfTheThread_IsHeldAndLeavesTheThreadItsTransaction()
    {
        var ledger = Database.Open(Clock);

        await Begin(() => HoldAsync(ledger, "a", 1));

        Assert.Equal((0, 1), await UsedAsync(ledger, "a"));

        static Task Begin(Func<Task> call)
        {
            using var scope = new TransactionScope();
            var own = Transaction.Current;
            var calling = call();
            Assert.NotNull(own);
            Assert.Same(own, Transaction.Current);
            return calling;
        }
    }

    [Fact]
    public async Task AcquireAsync_TablesDroppedMeanwhile_AreMadeAnew()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        await ExecuteAsync(await ReadAsync($"SELECT string_agg(format('DROP FUNCTION %s CASCADE', oid::regprocedure), ';') FROM pg_proc WHERE proname LIKE '{Database.Prefix}%'"));
        await ExecuteAsync(await ReadAsync($"SELECT string_agg(format('DROP TABLE %s CASCADE', oid::regclass), ';') FROM pg_class WHERE relkind = 'r' AND relname LIKE '{Database.Prefix}%'"));
        await ExecuteAsync($"DROP SEQUENCE {Database.Prefix}state_version");

        await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        await RecoveredAsync(ledger);
        await HoldAsync(ledger, "a", 1);
    }

    [Fact]
    public async Task AcquireAsync_DataSourceDisposedOf_IsUnavailable()
    {
        var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString);
        // It is closed while its database is down, and gives up what is queued after that time.
        Database.Options.Timeout = TimeSpan.FromSeconds(5);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);
        await HoldAsync(ledger, "a", 1);
        await dataSource.DisposeAsync();

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        Assert.IsType<ObjectDisposedException>(fault.InnerException);
    }

    [Fact]
    public async Task TryWriteAsync_ConnectionCutMeanwhile_IsNotKnownAndHoldsUpNoRequests()
    {
        var ledger = Database.Open(Clock);
        Assert.True(await ledger.TryWriteAsync("a", "one", 0, cancellationToken: Cancellation));
        var version = (await ledger.ReadAsync("a", Cancellation))!.Version;
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}state FOR UPDATE");

        var writing = ledger.TryWriteAsync("a", "two", version, cancellationToken: Cancellation).AsTask();
        await Database.UntilLockedOutAsync();
        await ExecuteAsync(foreign, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, '{Database.Prefix}') > 0");

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => writing);
        Assert.Contains("is not known", fault.Message, StringComparison.Ordinal);
        await AssertAdmitsManyAtOnceAsync(ledger);
    }

    [Fact]
    public async Task TryWriteAsync_RightThatIsMissing_IsToldAndHoldsUpNoRequests()
    {
        await using (var owner = Database.Open(Clock))
        {
            await HoldAsync(owner, "a", 1);
        }

        var role = Database.Prefix + "role";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}");
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = role }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => ledger.TryWriteAsync("a", "one", 0, cancellationToken: Cancellation).AsTask());

        Assert.Contains("(Npgsql.PostgresException, SqlState 42501)", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Database.Prefix, fault.Message, StringComparison.Ordinal);
        Assert.Equal(("Npgsql.PostgresException", "42501"), (ledger.Health.LastFaultType, ledger.Health.LastFaultCode));
        await AssertAdmitsManyAtOnceAsync(ledger);
    }

    [Fact]
    public async Task AcquireAsync_StatementForgottenByTheServer_GoesOnWithoutStatements()
    {
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);
        await HoldAsync(ledger, "a", 1);
        await using (var forget = dataSource.CreateCommand("DEALLOCATE ALL"))
        {
            await forget.ExecuteNonQueryAsync(Cancellation);
        }

        await HoldAsync(ledger, "a", 1);
        await HoldAsync(ledger, "a", 1);

        Assert.Equal((0, 3), await UsedAsync(ledger, "a"));
        Assert.True(ledger.Health.IsAvailable);
        Assert.Null(ledger.Health.LastFaultAt);
    }

    [Fact]
    public async Task AcquireAsync_DeadlockWithAForeignTransaction_IsTriedAgainAndHeldOnce()
    {
        // It looks for a deadlock once in a wait: late enough for the other to wait, too, by then.
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Options = "-c deadlock_timeout=5s" }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options, TimeProvider.System, Clock);
        await HoldAsync(ledger, "a", 1);
        await HoldAsync(ledger, "b", 1);
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        // So the ledger is the one that finds the deadlock, and loses.
        await ExecuteAsync(foreign, "SET LOCAL deadlock_timeout = '1h'");
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}limits WHERE name = 'b' FOR UPDATE");

        var acquiring = ledger.AcquireAsync([Claims.Money("a", 1, 10, DateTimeOffset.UnixEpoch), Claims.Money("b", 1, 10, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation).AsTask();
        await Database.UntilLockedOutAsync();
        // Goes on as soon as the ledger's transaction has been ended for it.
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}limits WHERE name = 'a' FOR UPDATE");
        await transaction.CommitAsync(Cancellation);

        Assert.NotNull((await acquiring).Lease);
        Assert.Equal((0, 2), await UsedAsync(ledger, "a"));
        Assert.Equal((0, 2), await UsedAsync(ledger, "b"));
        Assert.Null(ledger.Health.LastFaultAt);
    }

    // All lock limits in this order; a request in one of its own would wait for whoever settles, and he for the request.
    [Theory]
    [InlineData("Z")]
    [InlineData("a1")]
    [InlineData("\uffee")]
    [InlineData("\ud83d\ude00")]
    public async Task AcquireAsync_LimitThatIsLocked_HasLockedThoseThatComeBeforeItInBytes(string held)
    {
        string[] inBytes = ["Z", "a", "a1", "z", "ö", "\ue000", "\uffee", "\ud83d\ude00"];
        LimitClaim[] claims = [.. new[] { 3, 6, 1, 7, 4, 0, 2, 5 }.Select(index => Claims.Money(inBytes[index], 1, 10, DateTimeOffset.UnixEpoch))];
        var ledger = Database.Open(Clock);
        Assert.NotNull((await ledger.AcquireAsync(claims, TimeSpan.FromMinutes(15), Cancellation)).Lease);
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}limits WHERE name = '{held}' FOR UPDATE");

        var acquiring = ledger.AcquireAsync(claims, TimeSpan.FromMinutes(15), Cancellation).AsTask();
        await Database.UntilLockedOutAsync();
        var free = await ReadAsync($"SELECT coalesce(string_agg(name, ' ' ORDER BY convert_to(name, 'UTF8')), '') FROM (SELECT name FROM {Database.Prefix}limits FOR UPDATE SKIP LOCKED) l");
        await transaction.CommitAsync(Cancellation);

        Assert.Equal(string.Join(' ', inBytes[(Array.IndexOf(inBytes, held) + 1)..]), free);
        Assert.NotNull((await acquiring).Lease);
    }

    // Its caller gave it up, and its return is on the way already when the database grants it.
    [Fact]
    public async Task ReleaseAsync_LeaseThatIsGrantedMeanwhile_LeavesNothingHeld()
    {
        var ledger = Database.Open(Clock);
        var known = await HoldAsync(ledger, "a", 1);
        await HoldAsync(ledger, "b", 1);
        var late = Guid.NewGuid();
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}limits WHERE name = 'a' FOR UPDATE");

        var releasing = ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT {Database.Prefix}settle('{{}}', '{{}}', '{{}}', ARRAY['{known.Value}', '{late}']::uuid[], {Clock.GetUtcNow().UtcTicks})"));
        await Database.UntilLockedOutAsync();
        await GrantAsync(late, "b", 5, long.MaxValue);
        await transaction.CommitAsync(Cancellation);
        await releasing;

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((0, 1), await UsedAsync(ledger, "b"));
    }

    // The same, but whoever has its limit may wait for one that the return has: waited for now, neither would go on.
    [Fact]
    public async Task ReleaseAsync_LeaseThatIsGrantedMeanwhileOnALimitThatOthersHave_WaitsForNobodyAndStaysUntilItExpires()
    {
        var ledger = Database.Open(Clock);
        var known = await HoldAsync(ledger, "a", 1);
        await HoldAsync(ledger, "b", 1);
        var late = Guid.NewGuid();
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}limits WHERE name = 'a' FOR UPDATE");

        var releasing = ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT {Database.Prefix}settle('{{}}', '{{}}', '{{}}', ARRAY['{known.Value}', '{late}']::uuid[], {Clock.GetUtcNow().UtcTicks})"));
        await Database.UntilLockedOutAsync();
        var deadline = (Clock.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcTicks;
        await GrantAsync(late, "b", 5, deadline);
        await using var other = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var otherTransaction = await other.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(other, $"SELECT FROM {Database.Prefix}limits WHERE name = 'b' FOR UPDATE");
        await transaction.CommitAsync(Cancellation);
        await releasing.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await otherTransaction.CommitAsync(Cancellation);

        Assert.Equal((0, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((0, 6), await UsedAsync(ledger, "b"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((5, 1), await UsedAsync(ledger, "b"));
    }

    // The connection broke, and its server's process, which waits for a lock, has not noticed.
    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task AcquireAsync_AskedAgainWhileTheFirstAttemptIsUnderWay_IsHeldOnce(long capacity)
    {
        var ledger = Database.Open(Clock);
        await UsedAsync(ledger, "a");
        // And nothing is settled, after which limits without use would be forgotten.
        await ExecuteAsync($"SELECT {Database.Prefix}add_limits('{{{{a}}}}')");
        await using var broken = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await broken.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(broken, Acquire(isAgain: false));

        var again = ReadAsync(Acquire(isAgain: true));
        await Database.UntilLockedOutAsync();
        await transaction.CommitAsync(Cancellation);

        Assert.Equal("{}", await again);
        Assert.Equal((0, 7), await UsedAsync(ledger, "a"));

        string Acquire(bool isAgain) => string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT {Database.Prefix}acquire('{new Guid(1, 0, 0, new byte[8])}', {isAgain}, 600000000, '{{a}}', '{{7}}', '{{0}}', '{{0}}', '{{7}}', '{{{capacity}}}', '{{0}}', '{{0}}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, {Clock.GetUtcNow().UtcTicks})::text");
    }

    // The attempt before may be granted yet, and nobody would settle it.
    [Fact]
    public async Task AcquireAsync_RefusedWhenAskedAgain_IsGivenBack()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        var types = await ReadAsync($"SELECT pg_get_function_identity_arguments('{Database.Prefix}acquire'::regproc)");
        await ExecuteAsync(
            $"""
            CREATE SEQUENCE {Database.Prefix}attempts;
            CREATE TABLE {Database.Prefix}returns (lease uuid);
            CREATE OR REPLACE FUNCTION {Database.Prefix}acquire({types}) RETURNS bigint[] LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('{Database.Prefix}attempts') = 1 THEN
                    RAISE EXCEPTION 'as in a deadlock' USING ERRCODE = '40P01';
                END IF;
                RETURN ARRAY[0, 10, NULL];
            END $$;
            CREATE OR REPLACE FUNCTION {Database.Prefix}settle(p_leases uuid[], p_units smallint[], p_amounts bigint[], p_released uuid[], p_now bigint) RETURNS void LANGUAGE sql AS
                'INSERT INTO {Database.Prefix}returns SELECT unnest(p_released)'
            """);

        Assert.Null((await ledger.AcquireAsync([Claims.Money("a", 1, 10, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation)).Lease);

        await Database.UntilAsync($"SELECT count(*) FROM {Database.Prefix}returns");
        Assert.Equal(2, await Database.CountAsync($"SELECT last_value FROM {Database.Prefix}attempts"));
    }

    // Its caller gave it up, too, but the database grants it when most of what the return does is done.
    [Theory]
    [InlineData("ARRAY['{0}']::uuid[], '{{0}}', '{{1}}', ARRAY['{1}']::uuid[]")]
    [InlineData("ARRAY['{0}', '{1}']::uuid[], '{{0, 0}}', '{{1, 1}}', ARRAY[]::uuid[]")]
    public async Task ReleaseOrSettleAsync_LeaseThatIsGrantedWhileSpendingIsSummed_StaysUntilItExpires(string settlements)
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "b", 1);
        var (first, second) = (await HoldLabelledAsync(), await HoldLabelledAsync());
        await ledger.SettleAsync(first, LimitUnit.UsDollars, 1, Cancellation);
        var late = Guid.NewGuid();
        await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
        await ExecuteAsync(foreign, $"SELECT FROM {Database.Prefix}spend FOR UPDATE");

        var ended = string.Format(CultureInfo.InvariantCulture, settlements, second.Value, late);
        var settling = ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT {Database.Prefix}settle({ended}, {Clock.GetUtcNow().UtcTicks})"));
        await Database.UntilLockedOutAsync();
        await GrantAsync(late, "b", 5, (Clock.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcTicks);
        await transaction.CommitAsync(Cancellation);
        await settling;

        Assert.Equal((0, 6), await UsedAsync(ledger, "b"));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((5, 1), await UsedAsync(ledger, "b"));

        async Task<LeaseId> HoldLabelledAsync() => (await ledger.AcquireAsync(
            new LeaseRequest { Claims = [Claims.Money("a", 1, 10, DateTimeOffset.UnixEpoch)], Duration = TimeSpan.FromMinutes(15), Labels = new SpendLabels { Project = "search" }, ClaimedCost = 1 },
            Cancellation)).Lease!.Value;
    }

    [Fact]
    public async Task AcquireAsync_MoreExpiredThanAreBookedWithinACall_IsGrantedAfterSomeCalls()
    {
        const int Leases = 10_000;
        const int Calls = 12;
        Database.Options.Timeout = TimeSpan.FromSeconds(5);
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 1);
        var now = Clock.GetUtcNow();
        // A second apart, so that each is booked by itself.
        await ExecuteAsync(
            $"""
            INSERT INTO {Database.Prefix}leases (id, deadline, limits, units, amounts)
            SELECT gen_random_uuid(), {now.UtcTicks} - (60 + n) * 10000000::bigint, ARRAY(SELECT id FROM {Database.Prefix}limits), ARRAY[0], ARRAY[1] FROM generate_series(1, {Leases}) n;
            UPDATE {Database.Prefix}limits SET leased = leased + {Leases}, next_deadline = {now.UtcTicks}
            """);

        var calls = 0;
        while (!await IsGrantedAsync())
        {
            Assert.InRange(++calls, 1, Calls);
        }

        Assert.Equal((Leases, 2), await UsedAsync(ledger, "a", DateTimeOffset.UnixEpoch));

        async Task<bool> IsGrantedAsync()
        {
            try
            {
                return (await ledger.AcquireAsync([Claims.Money("a", 1, 2, now - TimeSpan.FromMinutes(1))], TimeSpan.FromMinutes(15), Cancellation)).Lease is not null;
            }
            catch (SqlLedgerUnavailableException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task PeekAsync_MoreExpiredThanAreBookedAtOnce_BooksTheRestWithTheNextCalls()
    {
        const int Leases = 1500;
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "asked", 1);
        await HoldAsync(ledger, "unasked", 1);
        var deadline = (Clock.GetUtcNow() + TimeSpan.FromMinutes(1)).UtcTicks;
        await ExecuteAsync(
            $"""
            INSERT INTO {Database.Prefix}leases (id, deadline, limits, units, amounts)
            SELECT gen_random_uuid(), {deadline}, ARRAY(SELECT id FROM {Database.Prefix}limits ORDER BY name), ARRAY[0, 0], ARRAY[1, 1] FROM generate_series(1, {Leases});
            UPDATE {Database.Prefix}limits SET leased = leased + {Leases}, next_deadline = {deadline}
            """);
        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((1000, Leases - 1000 + 1), await UsedAsync(ledger, "asked"));
        Assert.Equal((Leases, 1), await UsedAsync(ledger, "asked"));
        Assert.Equal((1000, Leases - 1000 + 1), await UsedAsync(ledger, "unasked"));
        Assert.Equal((Leases, 1), await UsedAsync(ledger, "unasked"));
        Assert.Equal(2, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}leases WHERE NOT is_booked"));
    }

    [Fact]
    public async Task AcquireRefuseAndSettle_AmongManyLimits_FindTheirRowsByIndex()
    {
        const int Limits = 100_000;
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);
        // Plans are made while there are a few rows, which are read faster than an index, and the server knows it.
        await SpendSomeAsync(ledger, 10, 10);
        await ExecuteAsync($"ANALYZE {Database.Prefix}limits; ANALYZE {Database.Prefix}leases");
        await SpendSomeAsync(ledger, 10, 10);
        await ExecuteAsync($"SELECT {Database.Prefix}add_limits(array_agg('limit' || n)) FROM generate_series(0, {Limits - 1}) n");
        await ExecuteAsync($"INSERT INTO {Database.Prefix}leases (id, deadline, limits, units, amounts) SELECT gen_random_uuid(), {long.MaxValue}, ARRAY[l.id], ARRAY[0], ARRAY[0] FROM {Database.Prefix}limits l");
        // The rows read to make those holds are told late, and must not count as read by the ledger.
        await Database.UntilAsync($"SELECT (seq_tup_read >= {Limits})::int FROM pg_stat_user_tables WHERE relname = '{Database.Prefix}limits'");
        var before = await ScannedAsync();

        await SpendSomeAsync(ledger, 50, Limits);

        // What a backend did is told when its connection ends.
        await dataSource.DisposeAsync();
        await Database.UntilAsync($"SELECT (idx_scan >= {before.ByIndex} + 50)::int FROM pg_stat_user_tables WHERE relname = '{Database.Prefix}limits'");
        // What it read of the few rows at first may be told now, too; a table read once would be all its rows.
        Assert.InRange((await ScannedAsync()).Rows - before.Rows, 0, Limits / 2);

        async Task<(long Rows, long ByIndex)> ScannedAsync()
        {
            var tables = $"FROM pg_stat_user_tables WHERE relname IN ('{Database.Prefix}limits', '{Database.Prefix}leases', '{Database.Prefix}buckets')";
            return (await Database.CountAsync($"SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) {tables}"), await Database.CountAsync($"SELECT idx_scan FROM pg_stat_user_tables WHERE relname = '{Database.Prefix}limits'"));
        }
    }

    // Its connection keeps the plans for the requests that come after it.
    [Fact]
    public async Task Pruning_WhileThereAreFewRows_LeavesNoPlanThatReadsAll()
    {
        await HoldAsync(Database.Open(Clock), "a", 1);
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await ExecuteAsync(
            connection,
            $"""
            INSERT INTO {Database.Prefix}leases (id, deadline, limits, units, amounts)
            SELECT gen_random_uuid(), n, ARRAY[l.id], ARRAY[0], ARRAY[0] FROM {Database.Prefix}limits l, generate_series(1, 20) n;
            ANALYZE {Database.Prefix}limits, {Database.Prefix}leases;
            """);
        await ExecuteAsync(connection, $"SELECT {Database.Prefix}expire_unasked(n) FROM generate_series(1, 19) n");
        // What a backend has not told yet stands in its own figures, too.
        var before = await ScannedAsync();

        await ExecuteAsync(connection, $"SELECT {Database.Prefix}expire_unasked(20)");

        Assert.Equal(before, await ScannedAsync());

        async Task<long> ScannedAsync()
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT sum(pg_stat_get_xact_numscans('{Database.Prefix}limits'::regclass) + pg_stat_get_xact_numscans('{Database.Prefix}leases'::regclass))::bigint";
            return (long)(await command.ExecuteScalarAsync(Cancellation))!;
        }
    }

    [Fact]
    public async Task Pruning_AmongManyLimits_FindsTheBucketsOfThoseThatGoByIndex()
    {
        const int Limits = 100_000;
        await HoldAsync(Database.Open(Clock), "held", 1);
        // One in a thousand has not been used for long.
        await ExecuteAsync($"INSERT INTO {Database.Prefix}limits (name, total, last_end, buckets) SELECT 'limit' || n, 1, CASE WHEN n % 1000 = 0 THEN 10000000 ELSE {Clock.GetUtcNow().Ticks} END, 1 FROM generate_series(1, {Limits}) n");
        await ExecuteAsync($"INSERT INTO {Database.Prefix}buckets SELECT id, 0, 1 FROM {Database.Prefix}limits; ANALYZE {Database.Prefix}limits, {Database.Prefix}buckets");
        var before = await ScannedAsync();
        await using (var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString))
        {
            // It prunes after its first settlement, and is waited for by whoever closes it.
            await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options, TimeProvider.System, Clock);
            await ledger.SettleAsync(default, LimitUnit.Requests, 1, Cancellation);
        }

        await Database.UntilAsync($"SELECT (n_tup_del >= {Limits / 1000})::int FROM pg_stat_user_tables WHERE relname = '{Database.Prefix}buckets'");
        Assert.Equal(Limits - (Limits / 1000) + 1, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}limits"));
        Assert.Equal(before, await ScannedAsync());

        Task<long> ScannedAsync() => Database.CountAsync($"SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = '{Database.Prefix}buckets'");
    }

    [Fact]
    public async Task AcquireAsync_ByARoleThatMayCreateNothing_WorksOnTablesThatAreThere()
    {
        await using (var owner = Database.Open(Clock))
        {
            await HoldAsync(owner, "a", 1);
        }

        var role = Database.Prefix + "role";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}");
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = role }.ConnectionString);
        await using var ledger = new SqlBillingLedger(dataSource, SqlDialect.PostgreSql, Database.Options);

        var lease = await HoldAsync(ledger, "a", 1);
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);

        Assert.True(await ledger.TryWriteAsync("a", "one", 0, cancellationToken: Cancellation));
        Assert.True(ledger.Health.IsAvailable);
    }

    private static async Task SpendSomeAsync(SqlBillingLedger ledger, int requests, int limits)
    {
        var random = new Random(requests);
        for (var count = 0; count < requests; count++)
        {
            var request = new LeaseRequest
            {
                Claims = [.. Enumerable.Range(0, 3).Select(_ => Claims.Money(string.Create(CultureInfo.InvariantCulture, $"limit{random.Next(limits)}"), 1, long.MaxValue, DateTimeOffset.UnixEpoch))],
                Duration = TimeSpan.FromMinutes(15),
                Labels = new SpendLabels { Project = "search" },
                ClaimedCost = 1,
            };
            var lease = (await ledger.AcquireAsync(request, Cancellation)).Lease!.Value;
            Assert.Null((await ledger.AcquireAsync(request with { Claims = [.. request.Claims.Select(claim => claim with { Capacity = 0 })] }, Cancellation)).Lease);
            await Task.WhenAll(
                ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation).AsTask(),
                ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, 1, Cancellation).AsTask());
        }
    }

    private static async Task AssertAdmitsManyAtOnceAsync(SqlBillingLedger ledger)
    {
        Assert.True(ledger.Health.IsAvailable);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ledger.AcquireAsync([Claims.Money("a", 1, long.MaxValue, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation).AsTask()));
        Assert.All(answers, answer => Assert.NotNull(answer.Lease));
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    // As the database grants a lease to a caller who has given it up.
    private Task GrantAsync(Guid lease, string limit, long amount, long deadline) => ExecuteAsync(
        $"""
        INSERT INTO {Database.Prefix}leases (id, deadline, limits, units, amounts)
        SELECT '{lease}', {deadline}, ARRAY[id], ARRAY[0], ARRAY[{amount}] FROM {Database.Prefix}limits WHERE name = '{limit}';
        UPDATE {Database.Prefix}limits SET leased = leased + {amount}, next_deadline = least(next_deadline, {deadline}) WHERE name = '{limit}'
        """);

    private async Task<string> ReadAsync(string sql)
    {
        await using var command = Database.DataSource.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
