using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>A mixed load with random faults for as long as asked for: nothing piles up, and what was billed is booked. Alone, because it counts what the process holds.</summary>
[Collection("Alone")]
public sealed class SoakTests
{
    private const string Variable = "OPENROUTER_BILLING_SOAK";
    private const int UsualSeconds = 12;
    private const int Callers = 16;

    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task MixedLoad_WithRandomFaults_LeavesNothingBehindAndBooksWhatIsBilled()
    {
        var seconds = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : UsualSeconds;
        var rounds = (int)Math.Max(4, seconds / LongestRound.TotalSeconds);
        var port = FreePort();
        var address = new Uri($"http://127.0.0.1:{port}/api/v1/");
        using var known = new GuardedKey(TestData.ApiKey, address);
        using var unknown = new GuardedKey("sk-or-v1-" + new string('4', 64), address);
        var ends = new ConcurrentDictionary<string, int>();
        var footprints = new List<Footprint>();
        var (billed, booked, atMost, bookedAtMost) = (0m, 0m, 0m, 0m);

        for (var round = 0; round < rounds; round++)
        {
            await RunAsync(round);
            // Away from the stack on which the sandbox was closed, and which still holds all that it billed.
            await Task.Yield();
            footprints.Add(Footprint.Take(known.Books.Open + unknown.Books.Open));
        }

        Report(seconds, ends, footprints, FormattableString.Invariant($"billed {billed} USD, booked {booked} USD; where the bill is not told, billed {atMost} USD, booked {bookedAtMost} USD"));
        Assert.True(footprints[^1].IsWithin(footprints[0]), $"After the first round: {footprints[0]}. At the end: {footprints[^1]}.");
        Assert.DoesNotContain("SettlementFailed", known.Log.Events.Keys.Concat(unknown.Log.Events.Keys));
        Assert.DoesNotContain("NotReconciled", known.Log.Events.Keys);
        Assert.All(
            (string[])["paid: answered", "free: answered", "too dear: RequestTooExpensiveException", "left: answered", "cut: cut", "hung up on: cut", "given up: given up", "raw bytes: cut", "503: 503"],
            end => Assert.InRange(ends.GetValueOrDefault(end), 1, int.MaxValue));

        async Task RunAsync(int round)
        {
            await using var running = await SoakRound.StartAsync(port, known, unknown, ends);
            await running.RunAsync(TimeSpan.FromSeconds(seconds) / rounds, Callers, round);
            var bills = running.Billed;
            TestContext.Current.TestOutputHelper!.WriteLine($"round {round + 1} ended; logged until then: {string.Join(", ", known.Log.Events)}");
            Assert.Equal(bills.Known, known.Books.Booked - booked);
            Assert.InRange(bills.Unknown, 0, unknown.Books.Booked - bookedAtMost);
            (billed, booked, atMost, bookedAtMost) = (billed + bills.Known, known.Books.Booked, atMost + bills.Unknown, unknown.Books.Booked);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Report(int seconds, ConcurrentDictionary<string, int> counts, List<Footprint> footprints, string sums)
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(FormattableString.Invariant($"{seconds} s, {counts.Values.Sum()} requests: {string.Join(", ", counts.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}"));
        output.WriteLine(sums);
        foreach (var index in (int[])[0, footprints.Count / 2, footprints.Count - 1])
        {
            output.WriteLine(FormattableString.Invariant($"after round {index + 1} of {footprints.Count}: {footprints[index]}"));
        }
    }
}
