using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests.Alerts;

/// <summary>What the runaway brake does is told through the same sinks as everything else.</summary>
public sealed class BrakeAlertsTests
{
    // Unlike any other wait, so that a test moves the clock for the brake alone.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(2.125);

    private readonly ManualTimeProvider _clock = new(AlertWorld.Noon);
    private readonly ConcurrentQueue<BillingAlert> _told = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BrakeAction.Alert, AlertSeverity.Warning, "Nothing is held back.")]
    [InlineData(BrakeAction.SlowDown, AlertSeverity.Warning, "Each request waits, until 2026-11-18 12:00:30 UTC at least.")]
    [InlineData(BrakeAction.Trip, AlertSeverity.Urgent, "Requests are refused until 2026-11-18 12:00:30 UTC at least.")]
    public async Task Guard_LoopThatRunsAway_IsToldOnce(BrakeAction action, AlertSeverity severity, string done)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => (options.InitialCredits, options.TimeProvider) = (1000m, _clock), Token);
        await using var provider = Provider(sandbox, action);

        await LoopAsync(provider, times: 3);
        await BillingClientKit.UntilAsync(() => !_told.IsEmpty, "the alert");
        await LoopAsync(provider, times: 5);

        var alert = Assert.Single(_told);
        Assert.Equal((AlertKind.Runaway, severity, 3m, 2m), (alert.Kind, alert.Severity, alert.Value, alert.Threshold));
        Assert.Equal("Requests run away: App sent the same one 3 times within 60 s, with 2 allowed. " + done, alert.Message);
    }

    [Fact]
    public async Task Reset_BrakeThatIsOn_IsToldAndSoIsTheNextTrip()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => (options.InitialCredits, options.TimeProvider) = (1000m, _clock), Token);
        await using var provider = Provider(sandbox, BrakeAction.Trip);
        await LoopAsync(provider, times: 3);
        await BillingClientKit.UntilAsync(() => _told.Count == 1, "the trip");

        provider.GetRequiredService<RunawayBrake>().Reset();
        await BillingClientKit.UntilAsync(() => _told.Count == 2, "the reset");
        provider.GetRequiredService<RunawayBrake>().Reset();
        await LoopAsync(provider, times: 3);
        await BillingClientKit.UntilAsync(() => _told.Count == 3, "the next trip");

        Assert.Equal([AlertSeverity.Urgent, AlertSeverity.Info, AlertSeverity.Urgent], _told.Select(alert => alert.Severity));
        Assert.Equal("The runaway brake was reset by hand. It was on for App.", _told.ElementAt(1).Message);
    }

    [Fact]
    public async Task TrippedAsync_LoopThatGoesOnInManyProcesses_IsToldOncePerHour()
    {
        var state = new InMemorySharedState(_clock);
        await using var sandbox = await OpenRouterSandbox.StartAsync(options => options.TimeProvider = _clock, Token);
        var providers = Enumerable.Range(0, 3).Select(_ => Provider(sandbox, BrakeAction.Trip, state)).ToList();
        for (var minute = 0; minute < 90; minute++)
        {
            await Task.WhenAll(providers.Select(provider => new BrakeAlerts(provider.GetRequiredService<IBillingAlerts>).TrippedAsync(Trip(_clock.GetUtcNow()), Token).AsTask()));
            // A clock that a test moves must not end a delivery that has just begun.
            await BillingClientKit.UntilAsync(() => _told.Count == 1 + (minute / 60), "the alert");
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        foreach (var provider in providers)
        {
            await provider.DisposeAsync();
        }

        Assert.Equal(2, _told.Count);
        Assert.All(_told, alert => Assert.StartsWith("Spending runs away: Project 'search (removed)' spent 3.00 USD within 60 s, with 2.00 USD allowed.", alert.Message, StringComparison.Ordinal));
    }

    private static BrakeTrip Trip(DateTimeOffset at) => new()
    {
        Reason = BrakeReason.Cost,
        Action = BrakeAction.Trip,
        Per = Spender.Project,
        Name = "search sk-or-v1-0123456789abcdef",
        Used = 3m,
        Allowed = 2m,
        Window = TimeSpan.FromMinutes(1),
        TrippedAt = at,
        HalfOpenAt = at + TimeSpan.FromSeconds(30),
        EndsAt = at + TimeSpan.FromSeconds(60),
    };

    private async Task LoopAsync(ServiceProvider provider, int times)
    {
        var guard = provider.GetRequiredService<IBillingGuard>();
        for (var turn = 0; turn < times; turn++)
        {
            try
            {
                var reserving = guard.ReserveAsync(new BillableRequest { Model = "openai/gpt-4o-mini", Fingerprint = 42 }, Token).AsTask();
                await BillingClientKit.UntilAsync(() => reserving.IsCompleted || _clock.PendingWaits.Contains(Delay), "the request");
                if (!reserving.IsCompleted)
                {
                    _clock.Advance(Delay);
                }

                await (await reserving).ReleaseAsync(Token);
            }
            catch (RunawayBrakeTrippedException)
            {
                // What this is about.
            }
        }
    }

    private ServiceProvider Provider(OpenRouterSandbox sandbox, BrakeAction action, ISharedState? state = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton(state ?? new InMemorySharedState(_clock));
        services.AddOpenRouterBilling(options =>
        {
            (options.ApiKey, options.ManagementKey, options.BaseAddress, options.MaxRetries, options.AttemptTimeout, options.TotalTimeout) =
                (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, 0, TimeSpan.FromDays(1), TimeSpan.FromDays(1));
            options.Guard.ReadingTimeout = TimeSpan.FromMinutes(1);
            (options.Guard.Brake.Action, options.Guard.Brake.MaxRepeats, options.Guard.Brake.Delay) = (action, 2, Delay);
        }).AddBillingAlerts().AddAlertSink((alert, _) =>
        {
            _told.Enqueue(alert);
            return ValueTask.CompletedTask;
        });
        return services.BuildServiceProvider();
    }
}
