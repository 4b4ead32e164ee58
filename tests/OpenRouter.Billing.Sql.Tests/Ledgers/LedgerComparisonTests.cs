using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>Whatever is asked of them, all ledgers answer alike. Chance asks, and the same again with the same seed.</summary>
public sealed class LedgerComparisonTests(PostgresCluster cluster)
{
    private const int Steps = 150;

    private static readonly string[] Limits = ["a", "b", "c", "ö", "\ufffdz", "😀"];
    private static readonly LimitUnit[] Units = [LimitUnit.UsDollars, LimitUnit.UsDollarsWithByok, LimitUnit.Requests];

    private static readonly string?[] Projects = ["search", "chat", null];

    private readonly ManualTimeProvider _clock = new();
    private readonly DateTimeOffset _start = new ManualTimeProvider().GetUtcNow();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _clock.GetUtcNow();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task AnyRequests_OfLedgersInMemoryAndInDatabases_AreAnsweredAlike(int seed)
    {
        await using var sqlite = new SqliteDatabase();
        await using var postgres = await PostgresDatabase.OpenAsync(cluster);
        ISpendLedger[] ledgers = [new InMemoryBillingLedger(_clock), sqlite.Open(_clock), postgres.Open(_clock)];
        var random = new Random(seed);
        var open = new List<LeaseId[]>();
        var (granted, refused) = (0, 0);

        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    var request = new LeaseRequest
                    {
                        Claims = NewClaims(random),
                        Duration = TimeSpan.FromSeconds(random.Next(1, 900)),
                        Labels = new SpendLabels { Project = Projects[random.Next(Projects.Length)] },
                        ClaimedCost = random.Next(0, 40),
                    };
                    var answers = await AllAsync(ledgers, ledger => ledger.AcquireAsync(request, Cancellation).AsTask());
                    AssertAlike(answers, answer => answer.Lease is not null, step);
                    if (answers[0].Lease is null)
                    {
                        refused++;
                        AssertAlike(answers, answer => Tell(answer.Usage), step);
                        break;
                    }

                    granted++;
                    open.Add([.. answers.Select(answer => answer.Lease!.Value)]);
                    break;
                case < 7 when open.Count > 0:
                    var (settled, unit, amount) = (open[random.Next(open.Count)], Units[random.Next(Units.Length)], random.Next(0, 40));
                    await Task.WhenAll(ledgers.Select((ledger, index) => ledger.SettleAsync(settled[index], unit, amount, Cancellation).AsTask()));
                    break;
                case 7 when open.Count > 0:
                    var released = open[random.Next(open.Count)];
                    await Task.WhenAll(ledgers.Select((ledger, index) => ledger.ReleaseAsync(released[index], Cancellation).AsTask()));
                    break;
                default:
                    _clock.Advance(TimeSpan.FromSeconds(random.Next(1, 300)));
                    break;
            }

            var looks = NewClaims(random);
            AssertAlike(await AllAsync(ledgers, async ledger => Tell(await ledger.PeekAsync(looks, Cancellation))), usage => usage, step);
            AssertAlike(await AllAsync(ledgers, SpendAsync), spend => spend, step);
        }

        Assert.True(granted > Steps / 10 && refused > Steps / 20, $"{granted} granted, {refused} refused");
    }

    private static Task<T[]> AllAsync<T>(ISpendLedger[] ledgers, Func<ISpendLedger, Task<T>> ask) => Task.WhenAll(ledgers.Select(ask));

    private static void AssertAlike<TAnswer, T>(TAnswer[] answers, Func<TAnswer, T> part, int step) =>
        Assert.True(answers.All(answer => Equals(part(answer), part(answers[0]))), $"Step {step}: {string.Join(" | ", answers.Select(part))}");

    private static async Task<string> SpendAsync(ISpendLedger ledger)
    {
        var entries = new List<string>();
        await foreach (var entry in ledger.ReadSpendAsync(new SpendQuery { GroupBy = SpendGrouping.Day | SpendGrouping.Project }, Cancellation))
        {
            entries.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Day:O} {entry.Labels.Project}: {entry.Requests} for {entry.Cost:0.#########} and {entry.ByokCost:0.#########}"));
        }

        return string.Join("; ", entries.Order(StringComparer.Ordinal));
    }

    private static string Tell(IReadOnlyList<LimitUsage> usage) =>
        string.Join("; ", usage.Select(limit => string.Create(CultureInfo.InvariantCulture, $"{limit.Settled} {limit.Leased} {limit.Oldest:O}")));

    // Several on one limit, in several units, of fixed and of sliding windows, with room for some requests.
    private LimitClaim[] NewClaims(Random random) => [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => NewClaim(random))];

    private LimitClaim NewClaim(Random random)
    {
        var (limit, unit, back) = (Limits[random.Next(Limits.Length)], Units[random.Next(Units.Length)], TimeSpan.FromSeconds(random.Next(1, 2000)));
        var (since, window) = random.Next(3) switch
        {
            0 => (_start, (TimeSpan?)null),
            1 => (Now - back, null),
            _ => (Now - back, back),
        };
        return Claims.Money(limit, random.Next(0, 30), random.Next(20, 400), since) with { Unit = unit, Window = window };
    }
}
