using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests.Allowances;

/// <summary>Several processes' worth of ledgers with allowances on one database.</summary>
[Collection(nameof(PostgresCluster))]
public sealed class AllowancesOnDatabaseTests(PostgresCluster cluster)
{
    private const int Processes = 4;
    private const long Claim = 1000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.PostgreSql)]
    public async Task ManyProcesses_WithMoneyForHalf_SpendItAndNoMoreAndCountEachRequest(SqlDialect dialect)
    {
        const int Requests = 4_000;
        const long Capacity = Processes * Requests * Claim / 4;
        await using TestDatabase database = dialect == SqlDialect.Sqlite ? new SqliteDatabase() : await PostgresDatabase.OpenAloneAsync(cluster);
        var since = DateTimeOffset.UnixEpoch;
        var (admitted, spent) = (0L, 0L);
        await Task.WhenAll(Enumerable.Range(0, Processes).Select(process => Task.Run(() => WorkAsync(new Random(process)), Cancellation)));

        var books = database.Open();
        var usage = (await books.PeekAsync([Claims.Money("budget", 0, 0, since)], Cancellation))[0];
        var entries = new List<SpendEntry>();
        await foreach (var entry in books.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Project }, Cancellation))
        {
            entries.Add(entry);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{dialect}: {admitted} of {Processes * Requests} admitted, {spent} of {Capacity} spent");
        Assert.Equal((spent, 0), (usage.Settled, usage.Leased));
        Assert.InRange(spent, Capacity * 9 / 10, Capacity);
        Assert.Equal((admitted, spent / 1e9m), (entries.Sum(entry => entry.Requests), entries.Sum(entry => entry.Cost)));

        async Task WorkAsync(Random random)
        {
            await using var ledger = new AllowanceLedger(database.Open());
            for (var count = 0; count < Requests; count++)
            {
                var answer = await ledger.AcquireAsync(
                    new LeaseRequest
                    {
                        Claims = [Claims.Money("balance", Claim, long.MaxValue, since), Claims.Money("budget", Claim, Capacity, since)],
                        Duration = TimeSpan.FromMinutes(15),
                        Labels = new SpendLabels { Project = "search" },
                        ClaimedCost = Claim,
                    },
                    Cancellation);
                if (answer.Lease is { } lease)
                {
                    var cost = random.Next(0, (int)Claim + 1);
                    Interlocked.Increment(ref admitted);
                    Interlocked.Add(ref spent, cost);
                    await ledger.SettleAsync(lease, LimitUnit.Requests, 1, Cancellation);
                    await ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation);
                    await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, cost, Cancellation);
                }
            }
        }
    }
}
