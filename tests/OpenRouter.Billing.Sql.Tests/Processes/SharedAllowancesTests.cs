using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>
/// Processes that admit from allowances and are killed while they hold them. As <see cref="SharedLedgerTests"/>, in full numbers with
/// OPENROUTER_BILLING_CAMPAIGN=full.
/// </summary>
[Collection(nameof(PostgresCluster))]
public sealed class SharedAllowancesTests(PostgresCluster cluster)
{
    private const int LeaseSeconds = 2;

    // What the sandbox bills for one request of a worker; it claims less than three times as much.
    private const decimal Price = 0.0000111m;
    private const long SeveralRequests = 20 * (long)(Price * 1_000_000_000);

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("OPENROUTER_BILLING_CAMPAIGN") == "full";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.PostgreSql)]
    public async Task Processes_KilledAtRandomWithAllowances_NeitherOverspendNorLoseACostNorKeepAHold(SqlDialect dialect)
    {
        var (rounds, processes, requests) = IsFull ? (50, 8, 200) : (1, 4, 150);
        var random = new Random(20261128);
        await using TestDatabase database = dialect == SqlDialect.Sqlite ? new SqliteDatabase() : await PostgresDatabase.OpenAloneAsync(cluster);
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
        var books = database.Open();
        // The tables are there before anybody looks into them.
        await books.PeekAsync([Claims.Money("none", 0, 0, DateTimeOffset.MinValue)], Cancellation);
        var budget = Price * processes * requests * (IsFull ? rounds / 4 : 1);
        var (killed, withAllowance) = (0, 0);

        for (var round = 0; round < rounds; round++)
        {
            var workers = Enumerable.Range(0, processes).Select(_ => Start(database, sandbox, requests, budget)).ToArray();
            var ended = Task.WhenAll(workers.Select(worker => worker.EndedAsync()));
            while (!ended.IsCompleted && await LargestHoldAsync(database) < SeveralRequests)
            {
                await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(10), Cancellation));
            }

            withAllowance += ended.IsCompleted ? 0 : 1;
            foreach (var worker in workers.OrderBy(_ => random.Next()).Take(processes / 2))
            {
                await Task.Delay(random.Next(0, 60), Cancellation);
                worker.Kill();
                killed++;
            }

            await ended;
            Array.ForEach(workers, worker => worker.Dispose());
            Assert.True(sandbox.Account.TotalUsage <= budget, $"round {round}: {sandbox.Account.TotalUsage} of {budget}");
        }

        // An allowance lasts half as long as a request's lease beyond it.
        await Task.Delay(TimeSpan.FromSeconds(LeaseSeconds * 1.5), Cancellation);
        var (settled, leased) = await UsedAsync(database, books);
        var (bill, spent) = (sandbox.Account.TotalUsage, 0m);
        await foreach (var entry in books.ReadSpendAsync(new SpendQuery(), Cancellation))
        {
            spent += entry.Cost;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dialect}: {rounds} rounds, {withAllowance} with an allowance, {killed} killed, budget {budget}, bill {bill} for {sandbox.Account.Generations.Count}, booked {settled}, sum of spending {spent}, held {leased}"));
        Assert.Equal(0m, leased);
        Assert.True(withAllowance > 0, "Nobody held an allowance.");
        Assert.True(bill > 0 && bill <= budget, $"{bill} of {budget}");
        // What a killed process held is booked in full: never less than the bill, and never more than there was.
        Assert.InRange(settled, bill, budget);
        Assert.True(spent >= bill, $"{spent} of {bill}");
    }

    private static Worker Start(TestDatabase database, OpenRouterSandbox sandbox, int requests, decimal budget) => Worker.Start(
        database.Dialect, database is SqliteDatabase file ? file.ConnectionString : ((PostgresDatabase)database).ConnectionString, sandbox, requests, parallel: 8, budget, LeaseSeconds, hasAllowances: true);

    private static Task<long> LargestHoldAsync(TestDatabase database) =>
        database.CountAsync($"SELECT coalesce(max(amount), 0) FROM {database.Prefix}holds WHERE booked_at IS NULL");

    // By the real clock, on the only limit of the workers that is the app's own.
    private static async Task<(decimal Settled, decimal Leased)> UsedAsync(TestDatabase database, SqlBillingLedger books)
    {
        var names = new List<string>();
        await using (var connection = await database.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT name FROM {database.Prefix}limits";
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            while (await reader.ReadAsync(Cancellation))
            {
                names.Add(reader.GetString(0));
            }
        }

        var usage = await books.PeekAsync([.. names.Select(name => Claims.Money(name, 0, 0, DateTimeOffset.MinValue))], Cancellation);
        return (usage.Max(limit => limit.Settled) / 1_000_000_000m, usage.Sum(limit => limit.Leased) / 1_000_000_000m);
    }
}
