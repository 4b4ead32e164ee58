using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Foresight.Tests.Reload;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>What is told once is told once by all apps that share a database, and by those that come after them.</summary>
public sealed class AlertsOnDatabaseTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly RecordingLogger<IBillingAlerts> _logger = new();
    private readonly ConcurrentQueue<BillingAlert> _told = new();
    private readonly SharedDatabase _database = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckAsync_AppThatStartsAnew_TellsWhatIsNewAndNothingElse()
    {
        await using var sandbox = await StartAsync(credits: 30m);
        foreach (var (spent, told) in new[] { (12m, 20m), (0m, (decimal?)null), (14m, 5m), (0m, null), (5m, 0m), (0m, null) })
        {
            sandbox.Account.Charge(spent);
            await using var app = App(sandbox);

            Assert.Equal(told, (await CheckAsync(app)).SingleOrDefault()?.Threshold);
        }

        Assert.Equal(3, _told.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CheckAsync_AppThatEndsBetweenTellingAndRemembering_IsMadeGoodOnceUnderTheSameId(bool hasTold)
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var writes = 0;
        // The first write begins the state, the second notes the alert, the third would strike it off.
        var dying = App(sandbox, spoil: state => new SpoiledState(state) { BeforeWrite = () => _ = ++writes > 2 ? throw new SqlLedgerUnavailableException("The process has ended.") : 0 }, tells: hasTold);
        Assert.Single(await CheckAsync(dying));
        Assert.Equal(hasTold ? 1 : 0, _told.Count);

        await using var next = App(sandbox);
        Assert.Empty(await CheckAsync(next));
        _clock.Advance(AlertBook.Claim);
        Assert.Single(await CheckAsync(next));
        _clock.Advance(AlertBook.Claim);
        await using var last = App(sandbox);
        Assert.Empty(await CheckAsync(last));

        Assert.Equal(hasTold ? 2 : 1, _told.Count);
        Assert.Single(_told.Select(alert => alert.Id).Distinct());
        await dying.DisposeAsync();
    }

    [Fact]
    public async Task CheckAsync_WriteOfWhichNobodyKnowsWhetherItWasDone_IsToldAfterTheClaim()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var writes = 0;
        await using (var app = App(sandbox, spoil: state => new SpoiledState(state) { AfterWrite = () => _ = ++writes > 1 ? throw new SqlLedgerUnavailableException("The connection broke.") : 0 }))
        {
            await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => CheckAsync(app));
        }

        await using var next = App(sandbox);
        Assert.Empty(await CheckAsync(next));
        _clock.Advance(AlertBook.Claim);
        Assert.Equal(AlertKind.Balance, Assert.Single(await CheckAsync(next)).Kind);
        Assert.Single(_told);
    }

    [Fact]
    public async Task CheckAsync_DatabaseThatIsDown_ThrowsAndTellsLater()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        await using (var connection = await _database.DataSource.OpenConnectionAsync(Token))
        await using (await connection.BeginTransactionAsync(Token))
        {
            await using var app = App(sandbox, timeout: TimeSpan.FromMilliseconds(100));
            await Assert.ThrowsAsync<SqlLedgerUnavailableException>(() => CheckAsync(app));
        }

        Assert.Empty(_told);
        await using var next = App(sandbox);
        Assert.Single(await CheckAsync(next));
        Assert.Single(_told);
    }

    [Fact]
    public async Task CheckAsync_TwoAppsAtOnceWhileTheBalanceFallsAndRises_TellEachThingOnce()
    {
        await using var sandbox = await StartAsync(credits: 30m);
        await using var one = App(sandbox);
        await using var other = App(sandbox);
        for (var turn = 0; turn < 12; turn++)
        {
            // Below 20, below 5, and back above both.
            _clock.Advance(TimeSpan.FromMinutes(1));
            sandbox.Account.Charge(turn % 3 == 2 ? 0 : 13m);
            sandbox.Account.AddCredits(turn % 3 == 2 ? 26m : 0);

            var told = await Task.WhenAll(CheckAsync(one), CheckAsync(other), CheckAsync(one), CheckAsync(other));

            Assert.Equal(turn % 3 == 2 ? 0 : 1, told.Sum(alerts => alerts.Count));
        }

        Assert.Equal(8, _told.Count);
        Assert.Equal(8, _told.Select(alert => alert.Id).Distinct().Count());
    }

    [Fact]
    public async Task Monitor_TwoAppsOfWhichOneIsAlwaysStartedAnew_LookOncePerIntervalAndTellOnce()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        await using var steady = App(sandbox);
        await MonitorOf(steady).StartAsync(Token);
        for (var interval = 1; interval <= 6; interval++)
        {
            var expected = interval;
            await using var restarted = App(sandbox);
            await MonitorOf(restarted).StartAsync(Token);
            await BillingClientKit.UntilAsync(() => Looks(sandbox) >= expected && Waiting() == 2, "a look, and both to wait");
            Assert.InRange(Looks(sandbox), expected, expected + 1);
            await MonitorOf(restarted).StopAsync(Token);
            _clock.Advance(TimeSpan.FromMinutes(5.5));
        }

        await MonitorOf(steady).StopAsync(Token);
        Assert.InRange(Looks(sandbox), 6, 7);
        Assert.Single(_told);
    }

    [Fact]
    public async Task AnyWalk_OfProcessesThatAreStartedAnew_IsToldOncePerThresholdAndWindow()
    {
        const int Walks = 60;
        var steps = Gen.Choose(0, 99_999).ArrayOf().ToArbitrary();
        var (walks, looks) = (0, 0);

        await Task.Run(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(Walks).WithReplay(20261128UL, 1UL).WithStartSize(5).WithEndSize(40), Prop.ForAll(steps, walk =>
        {
            (walks, looks) = (walks + 1, looks + walk.Length);
            var database = new SharedDatabase();
            var fault = AlertWalk.FaultOf(walk, clock => new RestartedState(database, clock));
            database.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return (fault is null).Label(fault ?? "no fault");
        })), Token);

        TestContext.Current.TestOutputHelper!.WriteLine($"{walks} walks, {looks} looks");
        Assert.True(walks >= Walks && looks >= 500, $"{walks} walks, {looks} looks");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static Task<IReadOnlyList<BillingAlert>> CheckAsync(ServiceProvider app) => app.GetRequiredService<IBillingAlerts>().CheckAsync(Token);

    private static IHostedService MonitorOf(ServiceProvider app) => Assert.Single(app.GetServices<IHostedService>());

    private static int Looks(OpenRouterSandbox sandbox) => sandbox.Requests.Latest.Count(request => request.Path.EndsWith("/credits", StringComparison.Ordinal));

    // Waits of a monitor, as against those of calls.
    private int Waiting() => _clock.PendingWaits.Count(wait => wait > TimeSpan.FromSeconds(20) && wait < TimeSpan.FromMinutes(6));

    private Task<OpenRouterSandbox> StartAsync(decimal credits) => OpenRouterSandbox.StartAsync(options => (options.InitialCredits, options.TimeProvider) = (credits, _clock), Token);

    private ServiceProvider App(OpenRouterSandbox sandbox, Func<ISharedState, ISharedState>? spoil = null, bool tells = true, TimeSpan? timeout = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<ILogger<IBillingAlerts>>(_logger);
        services.AddSingleton(_ => _database.Open(_clock, timeout));
        services.AddSingleton(provider => spoil?.Invoke(provider.GetRequiredService<SqlBillingLedger>()) ?? provider.GetRequiredService<SqlBillingLedger>());
        var builder = services.AddOpenRouterBilling(options =>
            (options.ApiKey, options.ManagementKey, options.BaseAddress, options.MaxRetries, options.AttemptTimeout, options.TotalTimeout) =
                (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, 0, TimeSpan.FromDays(1), TimeSpan.FromDays(1)));
        builder.AddBillingAlerts().AddAlertSink((alert, _) =>
        {
            if (tells)
            {
                _told.Enqueue(alert);
            }

            return ValueTask.CompletedTask;
        });
        return services.BuildServiceProvider();
    }

    /// <summary>What is read and written by a process that lasts for ten calls.</summary>
    private sealed class RestartedState(SharedDatabase database, TimeProvider clock) : ISharedState
    {
        private const int Lifetime = 10;

        private SqlBillingLedger? _ledger;
        private int _calls;

        public ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default) => Current().ReadAsync(name, cancellationToken);

        public ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default) =>
            Current().TryWriteAsync(name, text, expectedVersion, keepFor, cancellationToken);

        // The one before is left as the end of its process leaves it.
        private SqlBillingLedger Current() => _ledger = _calls++ % Lifetime == 0 ? database.Open(clock) : _ledger!;
    }
}
