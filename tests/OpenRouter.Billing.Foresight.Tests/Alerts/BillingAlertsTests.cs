using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

public sealed class BillingAlertsTests
{
    private static readonly string Secret = "whsec_" + Convert.ToBase64String(new byte[32]);

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly RecordingLogger<IBillingAlerts> _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CheckAsync_BalanceThatFalls_TellsOncePerThreshold()
    {
        await using var sandbox = await StartAsync(credits: 30m);
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock));
        var alerts = provider.GetRequiredService<IBillingAlerts>();

        Assert.Empty(await alerts.CheckAsync(Token));
        sandbox.Account.Charge(12m);
        Assert.Equal((AlertKind.Balance, 20m, 18m), Figures(Assert.Single(await alerts.CheckAsync(Token))));
        Assert.Empty(await alerts.CheckAsync(Token));
        sandbox.Account.Charge(14m);
        Assert.Equal((AlertKind.Balance, 5m, 4m), Figures(Assert.Single(await alerts.CheckAsync(Token))));
        sandbox.Account.Charge(5m);
        Assert.Equal((AlertKind.NegativeBalance, 0m, -1m), Figures(Assert.Single(await alerts.CheckAsync(Token))));
        sandbox.Account.AddCredits(100m);
        Assert.Empty(await alerts.CheckAsync(Token));
        sandbox.Account.Charge(98m);
        Assert.Equal((AlertKind.Balance, 5m, 1m), Figures(Assert.Single(await alerts.CheckAsync(Token))));
    }

    [Fact]
    public async Task CheckAsync_RestartWithADurableState_TellsNothingAgain()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var state = new InMemorySharedState(_clock);
        await using (var first = Provider(sandbox, state))
        {
            Assert.Single(await first.GetRequiredService<IBillingAlerts>().CheckAsync(Token));
        }

        await using var second = Provider(sandbox, state);

        Assert.Empty(await second.GetRequiredService<IBillingAlerts>().CheckAsync(Token));
    }

    [Fact]
    public async Task CheckAsync_ProcessThatEndedWhileItDelivered_IsMadeGoodByTheNext()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var state = new InMemorySharedState(_clock);
        var never = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var first = Provider(sandbox, state, builder => builder.AddAlertSink(async (_, cancellationToken) =>
        {
            begun.TrySetResult();
            await never.Task.WaitAsync(cancellationToken);
        }));
        var checking = first.GetRequiredService<IBillingAlerts>().CheckAsync(Token);
        await begun.Task.WaitAsync(BillingClientKit.Patience, Token);
        await first.DisposeAsync();
        var told = Assert.Single(await checking);

        var got = new List<BillingAlert>();
        await using var second = Provider(sandbox, state, builder => builder.AddAlertSink((alert, _) =>
        {
            got.Add(alert);
            return ValueTask.CompletedTask;
        }));
        await second.GetRequiredService<IBillingAlerts>().CheckAsync(Token);
        Assert.Empty(got);
        _clock.Advance(AlertBook.Claim);
        await second.GetRequiredService<IBillingAlerts>().CheckAsync(Token);

        Assert.Equal(told.Id, Assert.Single(got).Id);
    }

    [Fact]
    public async Task CheckAsync_TheWholeAccount_TellsOfKeysModelsAndQuotas()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "ends", ExpiresAt = AlertWorld.Noon.AddDays(3) });
        var capped = sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "capped", Limit = 10m, LimitReset = "monthly" });
        sandbox.Account.Charge(9m, capped);
        sandbox.Account.SetFreeRequestsToday(1000);
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock));

        var alerts = await provider.GetRequiredService<IBillingAlerts>().CheckAsync(Token);

        Assert.Equal([AlertKind.KeyCap, AlertKind.FreeQuota, AlertKind.KeyExpiry], alerts.Select(alert => alert.Kind).Order());
        Assert.All(alerts, alert => Assert.DoesNotContain("sk-or", alert.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckAsync_BalanceThatIsGoneSoon_TellsWhen()
    {
        await using var sandbox = await StartAsync(credits: 30m);
        sandbox.Account.SeedHistory(dailyUsd: 10m);
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock));

        var alert = Assert.Single(await provider.GetRequiredService<IBillingAlerts>().CheckAsync(Token));

        Assert.Equal((AlertKind.Depletion, AlertSeverity.Warning, 3m), (alert.Kind, alert.Severity, alert.Threshold));
        Assert.StartsWith("The balance of 30.00 USD is expected to be gone at 2026-11-", alert.Message, StringComparison.Ordinal);
        Assert.InRange(alert.Value!.Value, 1m, 3m);
    }

    [Fact]
    public async Task CheckAsync_ServerThatFails_ThrowsAndTellsNothing()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var state = new InMemorySharedState(_clock);
        await using var provider = Provider(sandbox, state, configure: options => options.ManagementKey = "sk-or-v1-" + new string('9', 64));

        await Assert.ThrowsAsync<OpenRouterApiException>(() => provider.GetRequiredService<IBillingAlerts>().CheckAsync(Token));
        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public async Task NoticeOfOnesOwn_ByManyProcesses_IsToldOnce()
    {
        await using var sandbox = await StartAsync(credits: 100m);
        var state = new InMemorySharedState(_clock);
        var got = new System.Collections.Concurrent.ConcurrentQueue<BillingAlert>();
        var providers = Enumerable.Range(0, 5).Select(_ => Provider(sandbox, state, builder => builder.AddAlertSink((alert, _) =>
        {
            got.Enqueue(alert);
            return ValueTask.CompletedTask;
        }))).ToList();
        var notice = new AlertNotice { Kind = AlertKind.PurchaseArrived, Severity = AlertSeverity.Info, Message = "25 USD have arrived.", Once = "purchase/1" };

        var told = await Task.WhenAll(providers.Select(provider => provider.GetRequiredService<IBillingAlerts>().RaiseAsync(notice, Token)));

        Assert.Single(told, true);
        await BillingClientKit.UntilAsync(() => !got.IsEmpty, "the alert");
        foreach (var provider in providers)
        {
            await provider.DisposeAsync();
        }

        Assert.Equal("25 USD have arrived.", Assert.Single(got).Message);
    }

    [Theory]
    [InlineData("", "purchase/1")]
    [InlineData("25 USD have arrived.", " ")]
    public async Task NoticeOfOnesOwn_ThatSaysNothing_IsRefused(string message, string once)
    {
        await using var sandbox = await StartAsync(credits: 100m);
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock));

        await Assert.ThrowsAsync<ArgumentException>(() => provider.GetRequiredService<IBillingAlerts>().RaiseAsync(
            new AlertNotice { Kind = AlertKind.Custom, Severity = AlertSeverity.Info, Message = message, Once = once }, Token));
    }

    [Fact]
    public async Task Monitor_ManyAppsThatShareAState_LookOncePerInterval()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var state = new InMemorySharedState(_clock);
        var providers = Enumerable.Range(0, 3).Select(_ => Provider(sandbox, state)).ToList();
        var monitors = providers.Select(provider => Assert.Single(provider.GetServices<IHostedService>())).ToList();
        foreach (var monitor in monitors)
        {
            await monitor.StartAsync(Token);
        }

        for (var interval = 1; interval <= 6; interval++)
        {
            var expected = interval;
            await BillingClientKit.UntilAsync(() => Looks(sandbox) >= expected, "a look");
            await BillingClientKit.UntilAsync(() => _clock.PendingTimers == monitors.Count && _clock.PendingWaits.All(wait => wait > TimeSpan.FromSeconds(60) && wait < TimeSpan.FromMinutes(6)), "all to wait");
            // Each waits for the interval and up to a tenth more.
            _clock.Advance(TimeSpan.FromMinutes(5.5));
        }

        foreach (var monitor in monitors)
        {
            await monitor.StopAsync(Token);
        }

        Assert.InRange(Looks(sandbox), 6, 7);
        Assert.Single(_logger.Entries, entry => entry.Event == "AlertUrgent");
        foreach (var provider in providers)
        {
            await provider.DisposeAsync();
        }
    }

    [Fact]
    public async Task Monitor_ServerThatFails_PausesForLongerAndGoesOn()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var key = sandbox.ManagementKey;
        var broken = true;
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock), configure: options => options.ManagementKey = broken ? "sk-or-v1-" + new string('9', 64) : key);
        var monitor = Assert.Single(provider.GetServices<IHostedService>());
        await monitor.StartAsync(Token);

        await BillingClientKit.UntilAsync(() => _logger.Entries.Any(entry => entry.Event == "AlertCheckFailed"), "the failure");
        await BillingClientKit.UntilAsync(() => _clock.PendingTimers == 1, "the pause");
        _clock.Advance(TimeSpan.FromMinutes(6));
        await BillingClientKit.UntilAsync(() => _clock.PendingTimers == 1, "the next pause");
        Assert.Equal(1, Looks(sandbox));

        broken = false;
        provider.GetRequiredService<IOptionsMonitorCache<OpenRouterBillingOptions>>().Clear();
        _clock.Advance(TimeSpan.FromMinutes(6));
        await BillingClientKit.UntilAsync(() => _logger.Entries.Any(entry => entry.Event == "AlertUrgent"), "the alert");
        await monitor.StopAsync(Token);
    }

    [Fact]
    public async Task AddBillingAlerts_CalledTwice_RegistersOneMonitor()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        await using var provider = Provider(sandbox, new InMemorySharedState(_clock), builder => builder.AddBillingAlerts(options => options.SpikeMinimum = 7m).AddBillingAlerts());

        Assert.Single(provider.GetServices<IHostedService>());
        Assert.Equal(7m, provider.GetRequiredService<IOptionsMonitor<BillingAlertOptions>>().CurrentValue.SpikeMinimum);
    }

    [Fact]
    public async Task AddBillingAlerts_NamedAccounts_KnowNothingOfEachOther()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddOpenRouterBilling("one", options => Configure(options, sandbox)).AddBillingAlerts();
        services.AddOpenRouterBilling("two", options => Configure(options, sandbox)).AddBillingAlerts(options => options.Muted.Add(AlertKind.Balance));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        var alert = Assert.Single(await provider.GetRequiredKeyedService<IBillingAlerts>("one").CheckAsync(Token));

        Assert.Equal("one", alert.Account);
        Assert.Empty(await provider.GetRequiredKeyedService<IBillingAlerts>("two").CheckAsync(Token));
        Assert.Equal(2, provider.GetServices<IHostedService>().Count());
    }

    [Fact]
    public void AddBillingAlerts_WrongOptions_AreNamedWhenTheHostStarts()
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey).AddBillingAlerts(options =>
        {
            options.PollInterval = TimeSpan.Zero;
            options.Hysteresis = 0;
            options.SpikeMinimum = -1;
            options.BalanceThresholds.Add(new() { At = -5 });
            options.SpikeThresholds.Add(new() { At = 1 });
            options.LimitThresholds.Add(new() { At = 50 });
            options.LimitThresholds.Add(new() { At = 50 });
            options.DepletionHorizons.Add(new());
            options.KeyExpiryHorizons.Add(new() { Within = TimeSpan.FromDays(1) });
            options.KeyExpiryHorizons.Add(new() { Within = TimeSpan.FromDays(1) });
        });
        using var provider = services.BuildServiceProvider();

        var wrong = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptionsMonitor<BillingAlertOptions>>().CurrentValue);

        Assert.Equal(
            [
                "PollInterval is 00:00:00: use 1 second to 1 day.",
                "Hysteresis is 0: use 0.01 (a hundredth of the threshold) to 1.",
                "SpikeMinimum is -1 USD: use 0 or more.",
                "BalanceThresholds[0].At is -5: use more than 0, up to 1000000000.",
                "LimitThresholds has 2 thresholds at 50: leave one.",
                "SpikeThresholds[0].At is 1: use more than 1, up to 1000000000.",
                "DepletionHorizons[0].Within is 00:00:00: use a positive time of at most 365 days.",
                "KeyExpiryHorizons has 2 horizons of 1.00:00:00: leave one.",
            ],
            wrong.Failures);
    }

    [Fact]
    public void AddBillingAlerts_Section_BindsListsAndRefusesTheUnknown()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Alerts:PollInterval"] = "00:01:00",
            ["Alerts:BalanceThresholds:0:At"] = "50",
            ["Alerts:BalanceThresholds:0:Severity"] = "Urgent",
            ["Alerts:BalanceThresholds:0:Recipients:0"] = "finance",
            ["Alerts:DepletionHorizons:0:Within"] = "5.00:00:00",
            ["Alerts:Muted:0"] = "FreeQuota",
            ["Wrong:PollIntervall"] = "00:01:00",
        }).Build();

        var options = Bound(settings.GetSection("Alerts"));

        Assert.Equal((TimeSpan.FromMinutes(1), 50m, AlertSeverity.Urgent), (options.PollInterval, options.BalanceThresholds.Single().At, options.BalanceThresholds.Single().Severity));
        Assert.Equal(["finance"], options.BalanceThresholds.Single().Recipients);
        Assert.Equal(TimeSpan.FromDays(5), options.DepletionHorizons.Single().Within);
        Assert.Equal([AlertKind.FreeQuota], options.Muted);
        Assert.Throws<InvalidOperationException>(() => Bound(settings.GetSection("Wrong")));
    }

    [Fact]
    public async Task AddWebhookSink_ReceiverThatRefuses_TellsNeitherAddressNorSecret()
    {
        await using var sandbox = await StartAsync(credits: 3m);
        await using var receiver = new WebhookReceiver(WebhookReceiver.Status(410));
        var log = new EverythingLog();
        await using var provider = Provider(
            sandbox,
            new InMemorySharedState(_clock),
            builder =>
            {
                builder.AddWebhookSink(options => (options.Address, options.Secret) = (receiver.Address, Secret), "finance");
                builder.AddSlackSink(options => options.Address = receiver.Address);
                builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
            },
            logs: false);

        Assert.Single(await provider.GetRequiredService<IBillingAlerts>().CheckAsync(Token));

        Assert.Equal(2, receiver.Requests.Count);
        Assert.Equal(2, log.Text.Split("could not be delivered").Length - 1);
        Assert.DoesNotContain("secret-path", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(sandbox.ManagementKey, log.Text, StringComparison.Ordinal);
    }

    private static BillingAlertOptions Bound(IConfigurationSection section)
    {
        var services = new ServiceCollection();
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey).AddBillingAlerts(section);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<BillingAlertOptions>>().CurrentValue;
    }

    private static (AlertKind Kind, decimal? Threshold, decimal? Value) Figures(BillingAlert alert) => (alert.Kind, alert.Threshold, alert.Value);

    private static int Looks(OpenRouterSandbox sandbox) => sandbox.Requests.Latest.Count(request => request.Path.EndsWith("/credits", StringComparison.Ordinal));

    private static void Configure(OpenRouterBillingOptions options, OpenRouterSandbox sandbox) =>
        (options.ApiKey, options.ManagementKey, options.BaseAddress, options.MaxRetries, options.AttemptTimeout, options.TotalTimeout) =
            // A clock that a test moves by minutes must not end the calls that begin meanwhile.
            (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, 0, TimeSpan.FromDays(1), TimeSpan.FromDays(1));

    private Task<OpenRouterSandbox> StartAsync(decimal credits) => OpenRouterSandbox.StartAsync(
        options =>
        {
            options.InitialCredits = credits;
            options.TimeProvider = _clock;
        },
        Token);

    private ServiceProvider Provider(OpenRouterSandbox sandbox, ISharedState state, Action<IOpenRouterBillingBuilder>? add = null, Action<OpenRouterBillingOptions>? configure = null, bool logs = true)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton(state);
        if (logs)
        {
            services.AddSingleton<ILogger<IBillingAlerts>>(_logger);
        }

        var builder = services.AddOpenRouterBilling(options =>
        {
            Configure(options, sandbox);
            configure?.Invoke(options);
        }).AddBillingAlerts();
        add?.Invoke(builder);
        return services.BuildServiceProvider();
    }

    private sealed class EverythingLog : ILoggerProvider, ILogger
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_text)
            {
                _text.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
            }
        }

        public void Dispose()
        {
        }
    }
}
