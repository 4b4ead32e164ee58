using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>
/// What a request waits for with a ledger in PostgreSQL, a few calls of each kind in turn: so the disk, whose speed changes from
/// second to second, is the same for all. Rows measured one after the other differ by it more than by what they do.
/// </summary>
internal static class PostgresTurns
{
    private const int Rounds = 250;
    private const int CallsInATurn = 16;

    public static async Task RunAsync(TextWriter output)
    {
        await using var database = new PostgresDatabase();
        await database.StartAsync();
        await using var row = new BareRow(await database.OpenDataSource().OpenConnectionAsync());
        await row.CreateAsync();
        await using var ledger = database.OpenLedger();
        await using var onOwnDataSource = database.OpenLedger("No Reset On Close=true");
        var app = database.OpenDataSource();
        var leases = new List<LeaseId>();
        var three = LeaseRequests.OfChat();
        var one = LeaseRequests.On(LeaseRequests.UsualLimits[..1], new string('a', 64), TimeProvider.System.GetUtcNow());
        Turn[] turns =
        [
            new("bare statement on an open connection", async () => await row.UpdateAsync()),
            new("bare statement as an app runs it, from its data source", async () => await BareRow.UpdateAsync(app)),
            new("one claim", async () => await AcquireAsync(ledger, one)),
            new("three claims", async () => await AcquireAsync(ledger, three)),
            new("three claims, `No Reset On Close`", async () => await AcquireAsync(onOwnDataSource, three)),
        ];

        // The first round compiles, opens connections and makes plans.
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var turn in turns)
            {
                await turn.TakeAsync(isMeasured: round > 0);
            }

            await Task.WhenAll(leases.Select(lease => ledger.ReleaseAsync(lease).AsTask()));
            leases.Clear();
        }

        await output.WriteLineAsync("| | Median | of the bare statement | of the same as an app runs it |\n|---|--:|--:|--:|");
        foreach (var turn in turns)
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"| {turn.Name} | {turn.Median.TotalMicroseconds:0} us | {turn.Median / turns[0].Median:0.00} | {turn.Median / turns[1].Median:0.00} |"));
        }

        async Task AcquireAsync(SqlBillingLedger asked, LeaseRequest request) => leases.Add((await asked.AcquireAsync(request)).Lease!.Value);
    }

    /// <summary>One kind of call, and how long each took.</summary>
    private sealed class Turn(string name, Func<Task> call)
    {
        private readonly List<TimeSpan> _times = [];

        public string Name => name;

        public TimeSpan Median => _times.Order().ElementAt(_times.Count / 2);

        public async Task TakeAsync(bool isMeasured)
        {
            for (var count = 0; count < CallsInATurn; count++)
            {
                var since = Stopwatch.GetTimestamp();
                await call();
                if (isMeasured)
                {
                    _times.Add(Stopwatch.GetElapsedTime(since));
                }
            }
        }
    }
}
