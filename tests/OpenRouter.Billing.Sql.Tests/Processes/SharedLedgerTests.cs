using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>
/// Several processes on one ledger, and an OpenRouter that keeps its own bill. With OPENROUTER_BILLING_CAMPAIGN=full, as the
/// script beside this project sets it, in full numbers; else in numbers that a test run has time for.
/// </summary>
public sealed class SharedLedgerTests(PostgresCluster cluster)
{
    private const int Processes = 8;

    private const int Last = 40;

    // What the sandbox bills for one request of a worker: 16 tokens of output and a short prompt.
    private const decimal Price = 0.0000111m;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("OPENROUTER_BILLING_CAMPAIGN") == "full";

    private static ITestOutputHelper Output => TestContext.Current.TestOutputHelper!;

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.PostgreSql)]
    public async Task EightProcesses_WithMoneyForATenth_SpendAllOfItAndNoMore(SqlDialect dialect)
    {
        var requests = IsFull ? 500 : 50;
        await using var database = await OpenAsync(dialect);
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var budget = Price * Processes * requests / 10;

        var workers = Enumerable.Range(0, Processes).Select(_ => Start(database, sandbox, requests, budget, leaseSeconds: 900)).ToArray();
        var counts = (await Task.WhenAll(workers.Select(worker => worker.CountAsync()))).ToList();
        Array.ForEach(workers, worker => worker.Dispose());
        // Some were refused while others still held the last of the money; one after another they spend it to the end.
        using (var last = Start(database, sandbox, Last, budget, leaseSeconds: 900, parallel: 1))
        {
            counts.Add(await last.CountAsync());
        }

        var (settled, leased) = await UsedAsync(database);
        var bill = sandbox.Account.TotalUsage;
        var dearest = sandbox.Account.Generations.Count == 0 ? 0 : bill / sandbox.Account.Generations.Count;
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dialect}: {counts.Sum(count => count.Admitted)} admitted, {counts.Sum(count => count.Refused)} refused, budget {budget}, bill {bill}, booked {settled}, held {leased}"));
        Assert.Equal((Processes * requests) + Last, counts.Sum(count => count.Admitted + count.Refused));
        Assert.Equal(counts.Sum(count => count.Admitted), sandbox.Account.Generations.Count);
        Assert.Equal((bill, 0m), (settled, leased));
        Assert.True(bill <= budget, $"{bill} of {budget}");
        // All of it: what is left does not cover what one more request might cost.
        Assert.True(budget - bill < 3 * dearest, $"{bill} of {budget}");
    }

    [Theory]
    [InlineData(SqlDialect.Sqlite)]
    [InlineData(SqlDialect.PostgreSql)]
    public async Task EightProcesses_KilledAtRandom_NeitherOverspendNorLoseACostNorKeepAHold(SqlDialect dialect)
    {
        var (rounds, requests, lease) = (IsFull ? 50 : 2, 40, 2);
        var random = new Random(20261128);
        await using var database = await OpenAsync(dialect);
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var budget = Price * Processes * requests * rounds / 10;
        var killed = 0;

        for (var round = 0; round < rounds; round++)
        {
            var workers = Enumerable.Range(0, Processes).Select(_ => Start(database, sandbox, requests, budget, lease)).ToArray();
            var before = sandbox.Account.Generations.Count;
            await Task.WhenAny(Waiting.UntilAsync(() => sandbox.Account.Generations.Count > before), Task.WhenAll(workers.Select(worker => worker.EndedAsync())));
            foreach (var worker in workers.OrderBy(_ => random.Next()).Take(Processes / 2))
            {
                await Task.Delay(random.Next(0, 60), TestContext.Current.CancellationToken);
                worker.Kill();
                killed++;
            }

            await Task.WhenAll(workers.Select(worker => worker.EndedAsync()));
            Array.ForEach(workers, worker => worker.Dispose());
            Assert.True(sandbox.Account.TotalUsage <= budget, $"round {round}: {sandbox.Account.TotalUsage} of {budget}");
        }

        await Task.Delay(TimeSpan.FromSeconds(lease), TestContext.Current.CancellationToken);
        var (settled, leased) = await UsedAsync(database);
        var bill = sandbox.Account.TotalUsage;
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dialect}: {rounds} rounds, {killed} killed, budget {budget}, bill {bill}, booked {settled}, held {leased}"));
        Assert.Equal(0m, leased);
        Assert.True(bill <= budget, $"{bill} of {budget}");
        // Whoever was killed after sending is booked in full: never less than the bill, and never more than there was.
        Assert.InRange(settled, bill, budget);
    }

    private static Worker Start(TestDatabase database, OpenRouterSandbox sandbox, int requests, decimal budget, int leaseSeconds, int parallel = 4) =>
        Worker.Start(database.Dialect, database is SqliteDatabase file ? file.ConnectionString : ((PostgresDatabase)database).ConnectionString, sandbox, requests, parallel, budget, leaseSeconds);

    private async Task<TestDatabase> OpenAsync(SqlDialect dialect) => dialect == SqlDialect.Sqlite ? new SqliteDatabase() : await PostgresDatabase.OpenAloneAsync(cluster);

    // By the real clock, on the only limit of the workers that is the app's own.
    private static async Task<(decimal Settled, decimal Leased)> UsedAsync(TestDatabase database)
    {
        var ledger = database.Open();
        await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM {database.Prefix}limits";
        var names = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                names.Add(reader.GetString(0));
            }
        }

        var usage = await ledger.PeekAsync([.. names.Select(name => Claims.Money(name, 0, 0, DateTimeOffset.MinValue))], TestContext.Current.CancellationToken);
        Assert.All(usage, limit => Assert.Equal(0, limit.Leased));
        return usage.Count == 0 ? (0, 0) : (usage.Max(limit => limit.Settled) / 1_000_000_000m, usage.Max(limit => limit.Leased) / 1_000_000_000m);
    }
}
