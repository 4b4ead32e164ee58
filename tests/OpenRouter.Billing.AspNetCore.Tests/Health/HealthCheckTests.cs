using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.AspNetCore.Tests.Health;

/// <summary>Each check, in each of its states, on an account that is really in that state.</summary>
public sealed class HealthCheckTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, 1, HealthStatus.Healthy)]
    [InlineData(10, 20, HealthStatus.Degraded)]
    [InlineData(0, 0, HealthStatus.Unhealthy)]
    public async Task Balance_HighLowOrSpent_IsReportedAsSuch(int credits, int degradedBelow, HealthStatus status)
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterBalance(degradedBelow), sandbox => sandbox.InitialCredits = credits);

        Assert.Equal(status, (await world.CheckAsync()).Status);
    }

    [Fact]
    public async Task Balance_NotToldToThisKey_IsDegradedAndSaysWhatToSet()
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterBalance(), options: options => options.ManagementKey = null);

        var entry = (await world.CheckAsync()).Entries["openrouter_balance"];

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("ManagementKey", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Balance_ServerDoesNotAnswer_IsUnhealthyOrWhatTheAppSays()
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterBalance().AddOpenRouterBalance(name: "soft", failureStatus: HealthStatus.Degraded));
        world.Sandbox.Faults.Add("GET /credits", SandboxFault.Answer(500, "{}"));

        var report = await world.CheckAsync();

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Degraded), (report.Entries["openrouter_balance"].Status, report.Entries["soft"].Status));
    }

    [Fact]
    public async Task Key_GoodSpentOrAboutToExpire_IsReportedAsSuch()
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterKey());
        Assert.Equal(HealthStatus.Healthy, (await world.CheckAsync()).Status);

        await using var expiring = await World.StartAsync(health => health.AddOpenRouterKey(), key: account => account.CreateKey(new() { ExpiresAt = DateTimeOffset.UtcNow.AddDays(2) }));
        Assert.Equal(HealthStatus.Degraded, (await expiring.CheckAsync()).Status);

        await using var spent = await World.StartAsync(health => health.AddOpenRouterKey(), key: account =>
        {
            var key = account.CreateKey(new() { Limit = 1m });
            account.Charge(1m, key);
            return key;
        });
        Assert.Equal(HealthStatus.Unhealthy, (await spent.CheckAsync()).Status);
    }

    [Fact]
    public async Task Key_Unknown_IsUnhealthyAndDoesNotShowTheKey()
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterKey(), options: options => options.ApiKey = "sk-or-v1-" + new string('7', 64));

        var report = await world.CheckAsync();

        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.DoesNotContain("777", string.Join(' ', report.Entries.Values.Select(entry => entry.Description + entry.Exception)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ledger_AnswersOrNot_IsReportedAsSuch()
    {
        await using var good = await World.StartAsync(health => health.AddOpenRouterLedger());
        await using var bad = await World.StartAsync(health => health.AddOpenRouterLedger(tags: ["ready"]), services: services => services.AddSingleton<IBillingLedger>(new BrokenLedger()));

        Assert.Equal(HealthStatus.Healthy, (await good.CheckAsync()).Status);
        Assert.Equal(HealthStatus.Unhealthy, (await bad.CheckAsync()).Status);
        Assert.Equal(["ready"], (await bad.CheckAsync()).Entries["openrouter_ledger"].Tags);
    }

    [Fact]
    public async Task Readings_YoungOrTooOld_AreReportedAsSuch()
    {
        await using var world = await World.StartAsync(health => health.AddOpenRouterReadings(TimeSpan.FromMinutes(10)));
        Assert.Equal(HealthStatus.Healthy, (await world.CheckAsync()).Status);

        world.Sandbox.Faults.Add("GET /credits", SandboxFault.Answer(500, "{}"));
        world.Sandbox.Faults.Add("GET /key", SandboxFault.Answer(500, "{}"));
        world.Clock.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(HealthStatus.Unhealthy, (await world.CheckAsync()).Status);
    }

    [Fact]
    public void Readings_MaxAgeNotPositive_IsRefusedAtOnce() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddHealthChecks().AddOpenRouterReadings(TimeSpan.Zero));

    private sealed class World(OpenRouterSandbox sandbox, ServiceProvider provider, ManualTimeProvider clock) : IAsyncDisposable
    {
        public OpenRouterSandbox Sandbox => sandbox;

        public ManualTimeProvider Clock => clock;

        public static async Task<World> StartAsync(
            Action<IHealthChecksBuilder> checks,
            Action<OpenRouterSandboxOptions>? sandbox = null,
            Action<OpenRouterBillingOptions>? options = null,
            Action<IServiceCollection>? services = null,
            Func<SandboxAccount, SandboxKey>? key = null)
        {
            var clock = new ManualTimeProvider(DateTimeOffset.UtcNow);
            var started = await OpenRouterSandbox.StartAsync(sandbox, Cancellation);
            var collection = new ServiceCollection();
            collection.AddLogging();
            collection.AddSingleton<TimeProvider>(clock);
            services?.Invoke(collection);
            var made = key?.Invoke(started.Account).Secret;
            collection.AddOpenRouterBilling(billing =>
            {
                (billing.ApiKey, billing.ManagementKey, billing.BaseAddress, billing.MaxRetries) = (made ?? started.ApiKey, started.ManagementKey, started.BaseAddress, 0);
                options?.Invoke(billing);
            });
            checks(collection.AddHealthChecks());
            return new World(started, collection.BuildServiceProvider(), clock);
        }

        public Task<HealthReport> CheckAsync() => provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        public async ValueTask DisposeAsync()
        {
            await provider.DisposeAsync();
            await sandbox.DisposeAsync();
        }
    }

    private sealed class BrokenLedger : IBillingLedger
    {
        public ValueTask<LedgerAnswer> AcquireAsync(IReadOnlyList<LimitClaim> claims, TimeSpan leaseDuration, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");

        public ValueTask<IReadOnlyList<LimitUsage>> PeekAsync(IReadOnlyList<LimitClaim> claims, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");

        public ValueTask SettleAsync(LeaseId lease, LimitUnit unit, long amount, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");

        public ValueTask ReleaseAsync(LeaseId lease, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");
    }
}
