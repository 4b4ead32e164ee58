using System.Globalization;
using Npgsql;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>
/// A server that goes away while requests run. Nothing may hang, nothing may be booked twice, and nothing needs a restart.
/// It is this class's own, so that no other test loses its server.
/// </summary>
public sealed class PostgresOutageTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private const int Callers = 16;
    private const long Cost = 7;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("OPENROUTER_BILLING_CAMPAIGN") == "full";

    // What a caller may wait: the ledger's bound, and generously what a loaded machine adds.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Load_WhileTheServerRestarts_IsBookedOnceAndGoesOn() => LoadAsync(TimeSpan.FromSeconds(5), _ => cluster.RestartAsync());

    [Fact]
    public Task Load_WhileTheServerStandsStill_IsRefusedInTimeAndGoesOn() => LoadAsync(TimeSpan.FromSeconds(1), async _ =>
    {
        await cluster.SignalAsync("STOP");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(IsFull ? 10 : 3), Cancellation);
        }
        finally
        {
            await cluster.SignalAsync("CONT");
        }
    });

    [Fact]
    public Task Load_WhileConnectionsAreCut_IsBookedOnceAndGoesOn() => LoadAsync(TimeSpan.FromSeconds(5), async database =>
    {
        for (var round = 0; round < (IsFull ? 100 : 20); round++)
        {
            try
            {
                await using var cut = database.DataSource.CreateCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
                await cut.ExecuteScalarAsync(Cancellation);
            }
            catch (NpgsqlException)
            {
                // The connection that cuts may itself have been cut before.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }
    });

    private async Task LoadAsync(TimeSpan timeout, Func<PostgresDatabase, Task> disturb)
    {
        cluster.SkipWhereItIsNotOurs();
        await using var database = await PostgresDatabase.OpenAloneAsync(cluster);
        database.Options.Timeout = timeout;
        var ledger = database.Open();
        var (settled, unavailable) = (0, 0);
        var slowest = TimeSpan.Zero;
        using var isOver = new CancellationTokenSource();
        var load = Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync, Cancellation)).ToArray();
        await Waiting.UntilAsync(() => Volatile.Read(ref settled) > 100);

        await disturb(database);
        (await cluster.OpenAsync()).Clear();

        var before = Volatile.Read(ref settled);
        await Waiting.UntilAsync(() => Volatile.Read(ref settled) > before + 100);
        await isOver.CancelAsync();
        await Task.WhenAll(load);
        await ledger.DisposeAsync();

        var usage = (await database.Open().PeekAsync([Claims.Money("a", 0, 0, DateTimeOffset.MinValue)], Cancellation))[0];
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{settled} settled, {unavailable} unavailable, the slowest call took {slowest.TotalSeconds:0.000} s; booked {usage.Settled}, held {usage.Leased}"));
        Assert.Equal((settled * Cost, 0), (usage.Settled, usage.Leased));

        async Task CallAsync()
        {
            while (!isOver.IsCancellationRequested)
            {
                var started = TimeProvider.System.GetTimestamp();
                try
                {
                    var lease = (await ledger.AcquireAsync([Claims.Money("a", 10, long.MaxValue, DateTimeOffset.UnixEpoch)], TimeSpan.FromMinutes(15), Cancellation).AsTask().WaitAsync(Bound, Cancellation)).Lease!.Value;
                    await ledger.SettleAsync(lease, LimitUnit.UsDollars, Cost, Cancellation).AsTask().WaitAsync(Bound, Cancellation);
                    Interlocked.Increment(ref settled);
                }
                catch (SqlLedgerUnavailableException)
                {
                    Interlocked.Increment(ref unavailable);
                    // Refused at once while another call tries; an app would not call in a circle.
                    await Task.Delay(TimeSpan.FromMilliseconds(5), Cancellation);
                }

                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, TimeProvider.System.GetElapsedTime(started).Ticks));
            }
        }
    }
}
