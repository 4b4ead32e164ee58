using System.Globalization;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Ledger;

namespace OpenRouter.Billing.Sql.Tests;

/// <summary>What a ledger in a database must do beyond what every ledger must. A class per database derives from it.</summary>
public abstract class SqlLedgerTests : IAsyncLifetime
{
    private const long Lots = 1_000_000_000_000;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    protected ManualTimeProvider Clock { get; } = new();

    protected TestDatabase Database { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => Clock.GetUtcNow();

    private DateTimeOffset LongAgo => Now - TimeSpan.FromDays(1000);

    public async ValueTask InitializeAsync() => Database = await OpenDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract Task<TestDatabase> OpenDatabaseAsync();

    [Fact]
    public async Task DisposeAsync_SettlementsStillQueued_WritesThemFirst()
    {
        var ledger = Database.Open(Clock);
        var leases = new List<LeaseId>();
        for (var count = 0; count < 20; count++)
        {
            leases.Add(await HoldAsync(ledger, "a", 10));
        }

        var settling = leases.Select(lease => ledger.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation).AsTask()).ToArray();
        await ledger.DisposeAsync();

        await Task.WhenAll(settling);
        Assert.Equal((60, 0), await UsedAsync(Database.Open(Clock), "a"));
    }

    [Fact]
    public async Task AcquireAsync_OneLeaseAfterAnother_StandInThatOrder()
    {
        await using var ledger = Database.Open(Clock);
        var leases = new List<Guid>();
        // More than one byte counts.
        for (var count = 0; count < 257; count++)
        {
            leases.Add((await HoldAsync(ledger, "a", 1)).Value);
        }

        Assert.Equal(leases.Order(), leases);
    }

    [Fact]
    public async Task AcquireAsync_AfterTheProcessEnded_CountsWhatItSettledAndHeld()
    {
        await using (var first = Database.Open(Clock))
        {
            await SpendAsync(first, "a", 4);
            await HoldAsync(first, "a", 5);
        }

        var second = Database.Open(Clock);

        Assert.Null((await second.AcquireAsync([Claims.Money("a", 2, 10, LongAgo)], Lease, Cancellation)).Lease);
        Assert.NotNull((await second.AcquireAsync([Claims.Money("a", 1, 10, LongAgo)], Lease, Cancellation)).Lease);
    }

    [Fact]
    public async Task SettleAsync_SameLeaseFromTwoLedgers_IsBookedOnce()
    {
        var (first, second) = (Database.Open(Clock), Database.Open(Clock));
        for (var count = 0; count < 20; count++)
        {
            var lease = await HoldAsync(first, "a", 10);
            await Task.WhenAll(
                first.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation).AsTask(),
                second.SettleAsync(lease, LimitUnit.UsDollars, 3, Cancellation).AsTask(),
                second.ReleaseAsync(lease, Cancellation).AsTask());
        }

        var (settled, leased) = await UsedAsync(first, "a");
        Assert.Equal(0, leased);
        // A return that comes first leaves nothing to settle.
        Assert.True(settled <= 60 && settled % 3 == 0, $"{settled}");
    }

    [Fact]
    public async Task AcquireAsync_ManyLedgersOnAnEmptyDatabase_CreateItsTablesOnce()
    {
        var ledgers = Enumerable.Range(0, 8).Select(_ => Database.Open(Clock)).ToArray();

        var answers = await Task.WhenAll(ledgers.Select(ledger => Task.Run(() => ledger.AcquireAsync([Claims.Money("a", 1, 8, LongAgo)], Lease, Cancellation).AsTask())));

        Assert.All(answers, answer => Assert.NotNull(answer.Lease));
        Assert.Equal((0, 8), await UsedAsync(ledgers[0], "a"));
        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}version"));
        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}limits"));
    }

    [Fact]
    public async Task AcquireAsync_ThousandsThatHaveExpired_HoldsNoneOfThemAgainstTheRequest()
    {
        var ledger = Database.Open(Clock);
        await ExpireAsync(ledger, "a", 2500);

        var answer = await ledger.AcquireAsync([Claims.Money("a", 2500, 2500, Clock.GetUtcNow() - TimeSpan.FromMinutes(1))], Lease, Cancellation);

        Assert.NotNull(answer.Lease);
    }

    [Fact]
    public async Task SettleAsync_ThousandsThatHaveExpired_AreBookedAsOfTheirExpiry()
    {
        var ledger = Database.Open(Clock);
        var lease = await HoldAsync(ledger, "a", 1, TimeSpan.FromHours(2));
        await ExpireAsync(ledger, "a", 2500);

        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);

        Assert.Equal((1, 0), await UsedAsync(ledger, "a", Clock.GetUtcNow() - TimeSpan.FromMinutes(1)));
        Assert.Equal((2501, 0), await UsedAsync(ledger, "a"));
    }

    [Fact]
    public async Task AcquireAsync_SameLimitsInAnyOrder_NeverWaitForEachOther()
    {
        var ledgers = new[] { Database.Open(Clock), Database.Open(Clock) };

        await Task.WhenAll(Enumerable.Range(0, 12).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            for (var round = 0; round < 15; round++)
            {
                var names = Enumerable.Range(0, 6).OrderBy(_ => random.Next()).Take(3);
                var request = new LeaseRequest
                {
                    Claims = [.. names.Select(name => Claims.Money($"limit{name}", 1, Lots, LongAgo))],
                    Duration = Lease,
                    Labels = new() { Project = $"project{random.Next(3)}" },
                    ClaimedCost = 1,
                };
                var lease = (await ledgers[caller % 2].AcquireAsync(request, Cancellation)).Lease!.Value;
                await Task.WhenAll(
                    ledgers[0].SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation).AsTask(),
                    ledgers[1].SettleAsync(lease, LimitUnit.UsDollarsWithByok, 1, Cancellation).AsTask());
            }
        })));

        var sums = 0L;
        for (var name = 0; name < 6; name++)
        {
            var (settled, leased) = await UsedAsync(ledgers[0], $"limit{name}");
            sums += settled;
            Assert.Equal(0, leased);
        }

        Assert.Equal(12 * 15 * 3, sums);
        var entry = Assert.Single(await ReadAsync(ledgers[1], new SpendQuery { GroupBy = SpendGrouping.None }));
        Assert.Equal((12 * 15, 0.000_000_180m, 0m), (entry.Requests, entry.Cost, entry.ByokCost));
    }

    [Fact]
    public async Task AcquireAsync_ClockAheadOfTheDatabases_CountsTheWholeSlidingWindow()
    {
        var ledger = Database.Open(Clock);
        await SpendAsync(ledger, "a", 5);
        Clock.Advance(TimeSpan.FromSeconds(50));
        var minute = TimeSpan.FromMinutes(1);
        var byAClockAhead = Claims.Money("a", 1, 5, Now + TimeSpan.FromSeconds(30) - minute) with { Window = minute };

        Assert.Equal(5, (await ledger.PeekAsync([byAClockAhead], Cancellation))[0].Settled);
        Assert.Null((await ledger.AcquireAsync([byAClockAhead], Lease, Cancellation)).Lease);
        Clock.Advance(TimeSpan.FromSeconds(12));
        Assert.NotNull((await ledger.AcquireAsync([byAClockAhead with { Since = Now + TimeSpan.FromSeconds(30) - minute }], Lease, Cancellation)).Lease);
    }

    [Fact]
    public async Task SettleAsync_ClaimOnAWindowThatIsYetToBegin_CountsThereForEverybody()
    {
        var ledger = Database.Open(Clock);
        var midnight = Now + TimeSpan.FromSeconds(20);
        var lease = (await ledger.AcquireAsync([Claims.Money("a", 6, 10, midnight)], Lease, Cancellation)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 6, Cancellation);

        Assert.Null((await ledger.AcquireAsync([Claims.Money("a", 5, 10, midnight)], Lease, Cancellation)).Lease);
        Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(6, (await ledger.PeekAsync([Claims.Money("a", 0, 0, midnight)], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task SettleAsync_ClaimOnAWindowInTheFarFuture_IsBookedNow()
    {
        var ledger = Database.Open(Clock);
        var lease = (await ledger.AcquireAsync([Claims.Money("a", 6, 10, Now + TimeSpan.FromDays(400))], Lease, Cancellation)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, 6, Cancellation);
        Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, (await ledger.PeekAsync([Claims.Money("a", 0, 0, Now)], Cancellation))[0].Settled);
    }

    [Fact]
    public async Task SettleAsync_LongAfterOthersExpired_BooksThemAsOfTheirExpiry()
    {
        var ledger = Database.Open(Clock);
        await HoldAsync(ledger, "a", 100);
        var late = await HoldAsync(ledger, "a", 5);
        Clock.Advance(Lease + TimeSpan.FromMinutes(2));

        await ledger.SettleAsync(late, LimitUnit.UsDollars, 4, Cancellation);

        Assert.Equal((104, 0), await UsedAsync(ledger, "a"));
        Assert.Equal((4, 0), await UsedAsync(ledger, "a", Now - TimeSpan.FromMinutes(1)));
    }

    public static TheoryData<string> OddNames => new(
        "'; DROP TABLE openrouter_billing_limits; --",
        "\"quoted\" {t} {i} $1 $$",
        "Zürich 東京 🚀",
        "zero\0character",
        "half a pair \ud83d",
        new string('x', 100_000),
        new string('x', 99_999) + "y",
        string.Empty,
        " ");

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task AcquireAsync_OddNames_AreLimitsAndLabelsLikeOthers(string name)
    {
        var ledger = Database.Open(Clock);
        var labels = new SpendLabels { Project = name, Member = name, Workspace = name, KeyHash = name, Model = name };
        var request = new LeaseRequest { Claims = [Claims.Money(name, 6, 10, LongAgo)], Duration = Lease, Labels = labels, ClaimedCost = 6 };
        await HoldAsync(ledger, name + "!", 1);

        var lease = (await ledger.AcquireAsync(request, Cancellation)).Lease!.Value;
        Assert.Null((await ledger.AcquireAsync(request, Cancellation)).Lease);
        await SettleAsync(ledger, lease, 1_000_000_000);

        Assert.Equal((1_000_000_000, 0), await UsedAsync(ledger, name));
        Assert.Equal(1m, Assert.Single(await ReadAsync(ledger, new SpendQuery { Where = labels })).Cost);
        Assert.Empty(await ReadAsync(ledger, new SpendQuery { Where = new() { Project = name + "!" } }));
        Assert.Single(await ReadAsync(ledger, new SpendQuery { GroupBy = (SpendGrouping)63 }));
    }

    [Fact]
    public async Task ReadSpendAsync_LabelsThatAreAbsentOrEmpty_AreToldApart()
    {
        var ledger = Database.Open(Clock);
        await SettleAsync(ledger, await HoldAsync(ledger, new SpendLabels { Project = string.Empty }), 1);
        await SettleAsync(ledger, await HoldAsync(ledger, default(SpendLabels)), 1);

        Assert.Equal([null, string.Empty], (await ReadAsync(ledger, new SpendQuery { GroupBy = SpendGrouping.Project })).Select(entry => entry.Labels.Project).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ReadSpendAsync_AfterTheProcessEnded_TellsOfItsSpending()
    {
        await using (var first = Database.Open(Clock))
        {
            await SettleAsync(first, await HoldAsync(first, new SpendLabels { Project = "search" }), 2_000_000_000);
        }

        Assert.Equal(2m, Assert.Single(await ReadAsync(Database.Open(Clock))).Cost);
    }

    [Fact]
    public async Task ReadSpendAsync_CostsBeyondTheRangeOfTheFigures_AreTold()
    {
        var ledger = Database.Open(Clock);
        var leases = new[] { await HoldAsync(ledger, default(SpendLabels)), await HoldAsync(ledger, default(SpendLabels)), await HoldAsync(ledger, default(SpendLabels)) };
        foreach (var lease in leases)
        {
            await SettleAsync(ledger, lease, long.MaxValue);
        }

        Assert.InRange(Assert.Single(await ReadAsync(ledger)).Cost, 4_000_000_000m, 28_000_000_000m);
    }

    [Fact]
    public async Task ReleaseAsync_AfterExpiry_TakesTheGuessedSpendingBack()
    {
        var ledger = Database.Open(Clock);
        var lease = await HoldAsync(ledger, new SpendLabels { Project = "search" });
        Clock.Advance(Lease);
        Assert.Equal(1, Assert.Single(await ReadAsync(ledger)).Requests);

        await ledger.ReleaseAsync(lease, Cancellation);

        var entry = Assert.Single(await ReadAsync(ledger));
        Assert.Equal((0, 0m, 0m), (entry.Requests, entry.Cost, entry.ByokCost));
    }

    [Fact]
    public async Task Pruning_LeasesThatExpiredADayAgo_AreForgottenAndTheFullAmountStays()
    {
        var first = Database.Open(Clock);
        var lease = await HoldAsync(first, "a", 10);
        Clock.Advance(TimeSpan.FromDays(1) + Lease + Lease);
        Assert.Equal((10, 0), await UsedAsync(first, "a"));
        await PruneAsync(first);

        Assert.Equal(0, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}holds"));
        var second = Database.Open(Clock);
        await second.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation);
        Assert.Equal((10, 0), await UsedAsync(second, "a"));
    }

    [Fact]
    public async Task Pruning_LeaseThatExpiredOnALimitThatNobodyAsksAbout_IsBookedAndForgotten()
    {
        var first = Database.Open(Clock);
        await HoldAsync(first, "a", 10);
        Clock.Advance(TimeSpan.FromDays(1) + Lease + Lease);

        await PruneAsync(first);

        Assert.Equal(0, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}holds"));
        Assert.Equal((10, 0), await UsedAsync(Database.Open(Clock), "a"));
    }

    // Each asks about another limit of the same leases, and books what has expired on it.
    [Fact]
    public async Task AcquireAsync_OptionsChangedAfterwards_GoesByThoseItWasGiven()
    {
        var prefix = Database.Options.TablePrefix;
        var ledger = Database.Open(Clock);
        Database.Options.TablePrefix = "other_";

        await HoldAsync(ledger, "a", 1);

        Database.Options.TablePrefix = prefix;
        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {prefix}holds"));
    }

    [Fact]
    public async Task PeekAsync_TwoLedgersFindTheSameLeasesExpired_EachClaimIsBookedOnce()
    {
        const int Rounds = 10;
        const int Leases = 20;
        var (first, second) = (Database.Open(Clock), Database.Open(Clock));
        for (var round = 1; round <= Rounds; round++)
        {
            var leases = new List<LeaseId>();
            for (var count = 0; count < Leases; count++)
            {
                leases.Add((await first.AcquireAsync([Claims.Money("a", 1, Lots, LongAgo), Claims.Money("b", 2, Lots, LongAgo)], Lease, Cancellation)).Lease!.Value);
            }

            Clock.Advance(Lease);
            await Task.WhenAll(Task.Run(() => UsedAsync(first, "a"), Cancellation), Task.Run(() => UsedAsync(second, "b"), Cancellation));

            Assert.Equal((Leases, 0), await UsedAsync(first, "a"));
            Assert.Equal((2 * Leases, 0), await UsedAsync(first, "b"));
            await Task.WhenAll(leases.Select(lease => second.SettleAsync(lease, LimitUnit.UsDollars, 0, Cancellation).AsTask()));
            Assert.Equal((0, 0), await UsedAsync(second, "a"));
            Assert.Equal((0, 0), await UsedAsync(second, "b"));
        }
    }

    [Fact]
    public async Task Pruning_LimitsAndSpendingOfLongAgo_AreForgotten()
    {
        var first = Database.Open(Clock);
        await SettleAsync(first, await HoldAsync(first, new SpendLabels { Project = "search" }), 5);
        await SpendAsync(first, Claims.Money("daily", 5, Lots, Now));
        await SpendAsync(first, Claims.Money("lifetime", 5, Lots, LongAgo));
        await HoldAsync(first, "held", 5, TimeSpan.MaxValue);
        await first.DisposeAsync();
        Clock.Advance(TimeSpan.FromDays(41));
        await PruneAsync(Database.Open(Clock));

        Assert.Equal(0, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}limits WHERE name = 'daily'"));
        Assert.Equal(2, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}limits WHERE name IN ('lifetime', 'held')"));
        Assert.Equal(1, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}spend WHERE project = 'search'"));

        Clock.Advance(TimeSpan.FromDays(400));
        await PruneAsync(Database.Open(Clock));

        Assert.Equal(0, await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}spend WHERE project = 'search'"));
        Assert.Equal((5, 0), await UsedAsync(Database.Open(Clock), "lifetime", LongAgo - TimeSpan.FromDays(1000)));
    }

    [Fact]
    public async Task SettledUse_OverYears_IsKeptInABoundedNumberOfRows()
    {
        var ledger = Database.Open(Clock);
        for (var count = 0; count < 1500; count++)
        {
            await SpendAsync(ledger, Claims.Money("a", 1, Lots, LongAgo), 1);
            Clock.Advance(TimeSpan.FromHours(11));
        }

        var end = Now;
        await PruneAsync(Database.Open(Clock));

        Assert.InRange(await Database.CountAsync($"SELECT count(*) FROM {Database.Prefix}buckets"), 1, 900);
        var again = Database.Open(Clock);
        Assert.Equal((1500, 0), await UsedAsync(again, "a", LongAgo));
        var month = new DateTimeOffset(Now.Year, Now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var since = Enumerable.Range(1, 1500).Count(ago => end - TimeSpan.FromHours(11 * ago) >= month);
        Assert.Equal((since, 0), await UsedAsync(again, "a", month));
    }

    [Fact]
    public async Task AnyCall_AfterDisposal_SaysSo()
    {
        var ledger = Database.Open(Clock);
        var lease = await HoldAsync(ledger, "a", 1);
        ledger.Dispose();
        ledger.Dispose();
        await ledger.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => HoldAsync(ledger, "a", 1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.SettleAsync(lease, LimitUnit.UsDollars, 1, Cancellation).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(ledger));
    }

    [Fact]
    public async Task AnyCall_WithoutTablesAndNotAllowedToCreateThem_NamesTheScript()
    {
        Database.Options.CreatesSchema = false;
        var ledger = Database.Open(Clock);

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(ledger, "a", 1));

        Assert.Contains("GetScript", fault.Message, StringComparison.Ordinal);
        Assert.Equal((false, typeof(SqlLedgerUnavailableException).FullName), (ledger.Health.IsAvailable, ledger.Health.LastFaultType));
        await ExecuteAsync(SqlLedgerSchema.GetScript(Database.Dialect, Database.Options));
        await RecoveredAsync(ledger);
        await HoldAsync(ledger, "a", 1);
        Assert.True(ledger.Health.IsAvailable);
        Assert.NotNull(ledger.Health.LastSuccessAt);
    }

    [Theory]
    [InlineData(2, "update OpenRouter.Billing.Sql")]
    [InlineData(0, "which no package has made")]
    [InlineData(null, "begun and not finished")]
    public async Task AnyCall_TablesOfAnotherVersion_AreLeftAlone(int? version, string what)
    {
        await using (var first = Database.Open(Clock))
        {
            await HoldAsync(first, "a", 1);
        }

        await ExecuteAsync(version is null ? $"DELETE FROM {Database.Prefix}version" : $"UPDATE {Database.Prefix}version SET version = {version}");
        // It is closed while it can't use its database, and gives up what is queued after that time.
        Database.Options.Timeout = TimeSpan.FromSeconds(5);

        var fault = await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => HoldAsync(Database.Open(Clock), "a", 1));

        Assert.Contains($"version {version ?? 0}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TryWriteAsync_ValueThatNoDatabaseStores_IsRefused()
    {
        var ledger = Database.Open(Clock);

        await Assert.ThrowsAsync<ArgumentException>(() => ledger.TryWriteAsync("a", "zero\0", 0, cancellationToken: Cancellation).AsTask());
        Assert.Null(await ledger.ReadAsync("a", Cancellation));
    }

    [Fact]
    public async Task TryWriteAsync_FromTwoLedgers_OneWinsEachTime()
    {
        var (first, second) = (Database.Open(Clock), Database.Open(Clock));
        var version = 0L;
        for (var round = 0; round < 10; round++)
        {
            var wins = await Task.WhenAll(
                first.TryWriteAsync("a", "one", version, cancellationToken: Cancellation).AsTask(),
                second.TryWriteAsync("a", "two", version, cancellationToken: Cancellation).AsTask());

            Assert.Single(wins, won => won);
            version = (await second.ReadAsync("a", Cancellation))!.Version;
        }
    }

    // An hour after it has expired.
    private async Task ExpireAsync(SqlBillingLedger ledger, string limit, int claims)
    {
        Assert.NotNull((await ledger.AcquireAsync([.. Enumerable.Repeat(Claims.Money(limit, 1, Lots, LongAgo), claims)], TimeSpan.FromMinutes(1), Cancellation)).Lease);
        Clock.Advance(TimeSpan.FromHours(1));
    }

    protected async Task<LeaseId> HoldAsync(SqlBillingLedger ledger, string limit, long amount, TimeSpan? duration = null) =>
        (await ledger.AcquireAsync([Claims.Money(limit, amount, Lots, LongAgo)], duration ?? Lease, Cancellation)).Lease!.Value;

    protected async Task<(long Settled, long Leased)> UsedAsync(SqlBillingLedger ledger, string limit, DateTimeOffset? since = null)
    {
        var usage = (await ledger.PeekAsync([Claims.Money(limit, 0, 0, since ?? LongAgo)], Cancellation))[0];
        return (usage.Settled, usage.Leased);
    }

    protected async Task ExecuteAsync(string sql)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task<LeaseId> HoldAsync(SqlBillingLedger ledger, SpendLabels labels) =>
        (await ledger.AcquireAsync(new LeaseRequest { Claims = [Claims.Money("all", 1, Lots, LongAgo)], Duration = Lease, Labels = labels, ClaimedCost = 1 }, Cancellation)).Lease!.Value;

    private async Task SpendAsync(SqlBillingLedger ledger, string limit, long cost) => await SpendAsync(ledger, Claims.Money(limit, cost, Lots, LongAgo), cost);

    private static async Task SpendAsync(SqlBillingLedger ledger, LimitClaim claim, long? cost = null)
    {
        var lease = (await ledger.AcquireAsync([claim], Lease, Cancellation)).Lease!.Value;
        await ledger.SettleAsync(lease, LimitUnit.UsDollars, cost ?? claim.Amount, Cancellation);
    }

    private static async Task SettleAsync(SqlBillingLedger ledger, LeaseId lease, long cost) => await Task.WhenAll(
        ledger.SettleAsync(lease, LimitUnit.UsDollars, cost, Cancellation).AsTask(),
        ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, cost, Cancellation).AsTask());

    // The return of what might have been granted tries on by itself, and is the first to find the way back.
    protected static async Task RecoveredAsync(SqlBillingLedger ledger)
    {
        while (!ledger.Health.IsAvailable)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancellation);
        }
    }

    // A ledger prunes after its first settlement, and is waited for by whoever closes it.
    private static async Task PruneAsync(SqlBillingLedger ledger)
    {
        await ledger.SettleAsync(default, LimitUnit.Requests, 1, Cancellation);
        await ledger.DisposeAsync();
    }

    private static async Task<List<SpendEntry>> ReadAsync(SqlBillingLedger ledger, SpendQuery? query = null)
    {
        var entries = new List<SpendEntry>();
        await foreach (var entry in ledger.ReadSpendAsync(query, Cancellation))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
