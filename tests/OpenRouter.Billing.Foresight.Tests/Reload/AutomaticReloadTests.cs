using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Foresight.Tests.Alerts;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests.Reload;

/// <summary>Reloads that the host begins, over a database that apps share.</summary>
public sealed class AutomaticReloadTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5.5);

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly SharedDatabase _database = new();
    private readonly RecordingLogger<IBillingReload> _log = new();
    private readonly ConcurrentQueue<BillingAlert> _told = new();
    private readonly Hook _hook = new();

    // On a slow machine intervals pass before a call is made, and it is not to be given up for that.
    private TimeSpan _callTimeout = TimeSpan.FromHours(12);
    private int _running;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_BalanceBelowTheThreshold_BuysOnceAndTellsWhenItIsThere()
    {
        await using var sandbox = await StartAsync(credits: 8m);
        _hook.Answer = (request, _) =>
        {
            sandbox.Account.AddCredits(request.Amount);
            return ValueTask.FromResult(new ReloadAnswer { Bought = request.Amount, Reference = "receipt 1" });
        };
        await using var one = await RunAsync(sandbox);
        await using var other = await RunAsync(sandbox);

        await BillingClientKit.UntilAsync(() => _told.Any(alert => alert.Kind == AlertKind.PurchaseArrived), "the credits");
        await PassAsync(sandbox, intervals: 4);
        await StopAsync(one, other);

        Assert.Equal(25m, Assert.Single(_hook.Calls).Amount);
        Assert.Contains(_log.Entries, entry => entry.Event == "ReloadEnded");
    }

    [Fact]
    public async Task Host_HookThatThrows_IsCalledOncePerCooldownAndTheFaultIsTold()
    {
        await using var sandbox = await StartAsync(credits: 8m);
        _hook.Answer = (_, _) => throw new InvalidOperationException("card declined");
        await using var one = await RunAsync(sandbox);
        await using var other = await RunAsync(sandbox);

        // A cooldown of half an hour, and two reloads a day: what is due all the time is bought twice.
        for (var interval = 0; interval < 40; interval++)
        {
            await PassAsync(sandbox, intervals: 1);
            // A sink that has not taken the alert by the interval after the next is given up.
            await BillingClientKit.UntilAsync(() => ToldReloads() == _hook.Calls.Count, "the alert");
        }

        await StopAsync(one, other);

        Assert.Equal(2, _hook.Calls.Count);
        Assert.Equal(2, ToldReloads());
        Assert.Equal(2, _log.Entries.Count(entry => entry.Event == "ReloadEnded"));
    }

    [Fact]
    public async Task Host_HookThatHangsAndBlocks_KeepsNobodyFromLookingAndStopping()
    {
        await using var sandbox = await StartAsync(credits: 8m);
        _callTimeout = TimeSpan.FromMinutes(2);
        using var never = new ManualResetEventSlim();
        _hook.Answer = (_, _) =>
        {
            never.Wait(CancellationToken.None);
            return ValueTask.FromResult(new ReloadAnswer());
        };
        await using var app = await RunAsync(sandbox);
        await BillingClientKit.UntilAsync(() => _hook.Calls.Count == 1, "the call");

        await PassAsync(sandbox, intervals: 3);
        await BillingClientKit.UntilAsync(() => _told.Any(alert => alert.Kind == AlertKind.Reload), "the alert");
        await StopAsync(app);

        Assert.Single(_hook.Calls);
        never.Set();
    }

    [Fact]
    public async Task Host_ProcessThatEndsWhileItBuys_IsNotFollowedByASecondPurchaseInTheCooldown()
    {
        await using var sandbox = await StartAsync(credits: 8m);
        _hook.Answer = (_, _) => new ValueTask<ReloadAnswer>(new TaskCompletionSource<ReloadAnswer>().Task);
        await using (var dying = await RunAsync(sandbox))
        {
            await BillingClientKit.UntilAsync(() => _hook.Calls.Count == 1, "the call");
            await StopAsync(dying);
        }

        _hook.Answer = (_, _) => ValueTask.FromResult(new ReloadAnswer());
        await using var next = await RunAsync(sandbox);
        _clock.Advance(Interval);
        await PassAsync(sandbox, intervals: 3);
        Assert.Single(_hook.Calls);
        await PassUntilAsync(sandbox, () => _hook.Calls.Count == 2);
        await StopAsync(next);

        Assert.Equal(2, _hook.Calls.Count);
    }

    [Fact]
    public async Task Host_BalanceAboveTheThreshold_CallsNobody()
    {
        await using var sandbox = await StartAsync(credits: 100m);
        await using var app = await RunAsync(sandbox);

        await PassAsync(sandbox, intervals: 3);
        await StopAsync(app);

        Assert.Empty(_hook.Calls);
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task Host_UnreadableClaims_BuysNothingAndSaysSo()
    {
        await using var sandbox = await StartAsync(credits: 8m);
        await using (var ledger = _database.Open(_clock))
        {
            Assert.True(await ledger.TryWriteAsync("foresight/reloads/" + KeyHash.Of(sandbox.ManagementKey), "[null]", 0, cancellationToken: Token));
        }

        await using var app = await RunAsync(sandbox);
        await BillingClientKit.UntilAsync(() => _log.Entries.Any(entry => entry.Event == "ReloadFailed"), "the log");
        await StopAsync(app);

        Assert.Empty(_hook.Calls);
    }

    [Fact]
    public void AddAutomaticReload_CalledTwice_RegistersOneHostedService()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey).AddAutomaticReload<Hook>().AddAutomaticReload<Hook>(options => options.MaxPerDay = 1);
        using var provider = services.BuildServiceProvider();

        Assert.Single(provider.GetServices<IHostedService>());
        Assert.IsType<Hook>(provider.GetRequiredKeyedService<ICreditReloader>(string.Empty));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static IHostedService MonitorOf(ServiceProvider app) => Assert.Single(app.GetServices<IHostedService>());

    private async Task StopAsync(params ServiceProvider[] apps)
    {
        foreach (var app in apps)
        {
            _running--;
            await MonitorOf(app).StopAsync(Token).WaitAsync(BillingClientKit.Patience, Token);
        }
    }

    private static int Looks(OpenRouterSandbox sandbox) => sandbox.Requests.Latest.Count(request => request.Path.EndsWith("/activity", StringComparison.Ordinal) || request.Path.EndsWith("/keys", StringComparison.Ordinal));

    /// <summary>Lets intervals pass, in each of which somebody looks.</summary>
    private async Task PassAsync(OpenRouterSandbox sandbox, int intervals)
    {
        for (var interval = 0; interval < intervals; interval++)
        {
            await BillingClientKit.UntilAsync(() => Looks(sandbox) > 0 && _clock.PendingWaits.Any(wait => wait > TimeSpan.FromMinutes(2.5) && wait < TimeSpan.FromMinutes(6)), "somebody to wait");
            var looks = Looks(sandbox);
            _clock.Advance(Interval);
            // Or all wait again: somebody had looked late in the interval before.
            await BillingClientKit.UntilAsync(() => Looks(sandbox) > looks || _clock.PendingWaits.Count(wait => wait > TimeSpan.Zero && wait < TimeSpan.FromMinutes(6)) >= _running, "a look");
        }

        await BillingClientKit.UntilAsync(() => _clock.PendingWaits.Any(wait => wait > TimeSpan.FromMinutes(2.5) && wait < TimeSpan.FromMinutes(6)), "somebody to wait");
    }

    /// <summary>Lets intervals pass until something has happened, which a slow machine does beside the looks; no more than there are in half a day.</summary>
    private async Task PassUntilAsync(OpenRouterSandbox sandbox, Func<bool> hasHappened)
    {
        for (var interval = 0; interval < 80 && !hasHappened(); interval++)
        {
            await PassAsync(sandbox, intervals: 1);
        }
    }

    private int ToldReloads() => _told.Where(alert => alert.Kind == AlertKind.Reload).DistinctBy(alert => alert.Id).Count();

    private Task<OpenRouterSandbox> StartAsync(decimal credits) => OpenRouterSandbox.StartAsync(options => (options.InitialCredits, options.TimeProvider) = (credits, _clock), Token);

    private async Task<ServiceProvider> RunAsync(OpenRouterSandbox sandbox)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<ILogger<IBillingReload>>(_log);
        services.AddSingleton<ISharedState>(_ => _database.Open(_clock));
        services.AddKeyedSingleton<ICreditReloader>(string.Empty, _hook);
        services.AddOpenRouterBilling(options =>
            (options.ApiKey, options.ManagementKey, options.BaseAddress, options.MaxRetries, options.AttemptTimeout, options.TotalTimeout) =
                (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, 0, TimeSpan.FromDays(1), TimeSpan.FromDays(1)))
            .AddAutomaticReload<Hook>(options => (options.Threshold, options.Amount, options.Cooldown, options.CallTimeout) = (20m, 25m, TimeSpan.FromMinutes(30), _callTimeout))
            .AddAlertSink((alert, _) =>
            {
                _told.Enqueue(alert);
                return ValueTask.CompletedTask;
            });
        var app = services.BuildServiceProvider();
        await MonitorOf(app).StartAsync(Token);
        _running++;
        return app;
    }

    /// <summary>The app's own way to buy, of all processes together.</summary>
    public sealed class Hook : ICreditReloader
    {
        public ConcurrentQueue<ReloadRequest> Calls { get; } = new();

        public Func<ReloadRequest, CancellationToken, ValueTask<ReloadAnswer>> Answer { get; set; } = (_, _) => ValueTask.FromResult(new ReloadAnswer());

        public ValueTask<ReloadAnswer> ReloadAsync(ReloadRequest request, CancellationToken cancellationToken = default)
        {
            Calls.Enqueue(request);
            return Answer(request, cancellationToken);
        }
    }
}
