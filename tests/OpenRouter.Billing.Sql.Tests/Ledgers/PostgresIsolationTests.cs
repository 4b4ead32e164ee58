using System.Data.Common;
using Npgsql;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>Connections whose transactions are stricter than PostgreSQL's own default fail where others change a row first (40001).</summary>
public sealed class PostgresIsolationTests(PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    private PostgresDatabase? _database;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PostgresDatabase Database => _database!;

    // Alone, so that its counters are this test's.
    public async ValueTask InitializeAsync() => _database = await PostgresDatabase.OpenAloneAsync(cluster);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("repeatable read")]
    [InlineData("serializable")]
    public async Task AcquireAsync_LimitChangedWhileItWaits_IsTriedAgainAndHeldOnce(string isolation)
    {
        await using (var dataSource = Connect(isolation))
        {
            var ledger = Open(dataSource);
            await ledger.AcquireAsync([Claim(1, 10)], Lease, Cancellation);
            await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
            await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
            await ExecuteAsync(foreign, $"UPDATE {Database.Prefix}limits SET leased = leased + 3");

            var acquiring = ledger.AcquireAsync([Claim(1, 10)], Lease, Cancellation).AsTask();
            await Database.UntilLockedOutAsync();
            await transaction.CommitAsync(Cancellation);

            Assert.NotNull((await acquiring).Lease);
            Assert.Equal(5, (await ledger.PeekAsync([Claim(0, 0)], Cancellation))[0].Leased);
            Assert.Null(ledger.Health.LastFaultAt);
            await ledger.DisposeAsync();
        }

        await UntilFailuresToldAsync();
    }

    [Theory(Timeout = 120_000)]
    [InlineData("repeatable read")]
    [InlineData("serializable")]
    public async Task AcquireAndSettle_ManyLedgersOnOneLimit_AnswerAllAndNeverPassIt(string isolation)
    {
        const int Callers = 24;
        const long Capacity = 2_000;
        const long Most = 50;
        long spent = 0;
        long granted = 0;
        await using (var dataSource = Connect(isolation))
        {
            // On an empty database, whose tables all want to make at once.
            var ledgers = Enumerable.Range(0, 6).Select(_ => Open(dataSource)).ToArray();

            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(ledgers[caller % ledgers.Length], new Random(caller)), Cancellation)));

            var usage = (await ledgers[0].PeekAsync([Claim(0, 0)], Cancellation))[0];
            Assert.Equal((spent, 0), (usage.Settled, usage.Leased));
            Assert.InRange(spent, Capacity - Most + 1, Capacity);
            Assert.Equal(granted, await Database.CountAsync($"SELECT sum(requests) FROM {Database.Prefix}spend"));
            Assert.All(ledgers, ledger => Assert.Null(ledger.Health.LastFaultAt));
            await Task.WhenAll(ledgers.Select(ledger => ledger.DisposeAsync().AsTask()));
        }

        await UntilFailuresToldAsync();

        async Task CallAsync(SqlBillingLedger ledger, Random random)
        {
            while (true)
            {
                var answer = await ledger.AcquireAsync(new LeaseRequest { Claims = [Claim(Most, Capacity)], Duration = Lease, Labels = new SpendLabels { Project = "search" }, ClaimedCost = Most }, Cancellation);
                if (answer.Lease is not { } lease)
                {
                    Assert.True(answer.Usage[0].Settled + answer.Usage[0].Leased is > Capacity - Most and <= Capacity);
                    if (answer.Usage[0].Leased == 0)
                    {
                        return;
                    }

                    // What others hold, they use less of.
                    await Task.Delay(TimeSpan.FromMilliseconds(1), Cancellation);
                    continue;
                }

                var cost = random.Next(1, (int)Most + 1);
                Interlocked.Increment(ref granted);
                Interlocked.Add(ref spent, cost);
                await Task.WhenAll(
                    ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation).AsTask(),
                    ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, cost, Cancellation).AsTask());
            }
        }
    }

    [Fact]
    public async Task TryWriteAsync_FromManyLedgersAtOnce_OneWinsEachTime()
    {
        await using (var dataSource = Connect("serializable"))
        {
            for (var round = 0; round < 5; round++)
            {
                // New ones, which have not yet met a failure.
                var ledgers = Enumerable.Range(0, 6).Select(_ => Open(dataSource)).ToArray();
                await Task.WhenAll(ledgers.Select(ledger => ledger.ReadAsync("a", Cancellation).AsTask()));
                var version = (await ledgers[0].ReadAsync("a", Cancellation))?.Version ?? 0;
                await using var foreign = await Database.DataSource.OpenConnectionAsync(Cancellation);
                await using var transaction = await foreign.BeginTransactionAsync(Cancellation);
                await ExecuteAsync(foreign, $"LOCK TABLE {Database.Prefix}state IN EXCLUSIVE MODE");

                var writing = Task.WhenAll(ledgers.Select(ledger => Task.Run(() => ledger.TryWriteAsync("a", "text", version, cancellationToken: Cancellation).AsTask(), Cancellation)));
                await Database.UntilLockedOutAsync(ledgers.Length);
                await transaction.CommitAsync(Cancellation);

                Assert.Single(await writing, won => won);
                await Task.WhenAll(ledgers.Select(ledger => ledger.DisposeAsync().AsTask()));
            }
        }

        await UntilFailuresToldAsync();
    }

    private static LimitClaim Claim(long amount, long capacity) => Claims.Money("a", amount, capacity, DateTimeOffset.UnixEpoch);

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private NpgsqlDataSource Connect(string isolation) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database.ConnectionString)
    {
        Options = $"-c default_transaction_isolation={isolation.Replace(" ", "\\ ", StringComparison.Ordinal)}",
    }.ConnectionString);

    private SqlBillingLedger Open(NpgsqlDataSource dataSource) => new(dataSource, SqlDialect.PostgreSql, Database.Options);

    // Nothing else in this database fails. What a backend did is told when its connection ends.
    private Task UntilFailuresToldAsync() => Database.UntilAsync("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()");
}
