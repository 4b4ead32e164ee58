using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Foresight.Tests.Forecasting;

public sealed class BillingForecasterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task ForecastAsync_AMonthOfActivity_ForecastsTheBalance()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        sandbox.Account.SeedHistory(dailyUsd: 10m);
        await using var provider = Provider(sandbox);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(ForecastLimit.Balance, forecast.Limit);
        Assert.Equal(sandbox.Account.Balance, forecast.Remaining);
        Assert.Equal(30, forecast.Basis.Days);
        Assert.Equal(ForecastSource.Activity, forecast.Basis.Source);
        Assert.InRange(forecast.AverageDailySpend!.Value, 8m, 14m);
        Assert.InRange(forecast.Depletion!.Expected!.Value, _clock.GetUtcNow().AddDays(30), _clock.GetUtcNow().AddDays(120));
        Assert.True(forecast.Depletion.Earliest < forecast.Depletion.Expected);
        Assert.True(forecast.Depletion.Latest is null || forecast.Depletion.Latest > forecast.Depletion.Expected);
    }

    [Fact]
    public async Task ForecastAsync_KeysThatSpentToday_CountsTheDay()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        sandbox.Account.SeedHistory(dailyUsd: 10m);
        sandbox.Account.Charge(3m, sandbox.Account.CreateKey());
        sandbox.Account.Charge(4m, sandbox.Account.CreateKey());
        await using var provider = Provider(sandbox);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(7m, forecast.Basis.SpentToday);
    }

    [Fact]
    public async Task ForecastAsync_AskedOften_ReadsTheActivityOncePerHour()
    {
        await using var sandbox = await StartAsync(credits: 100m);
        sandbox.Account.SeedHistory(dailyUsd: 10m);
        await using var provider = Provider(sandbox);
        var forecaster = provider.GetRequiredService<IBillingForecaster>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => forecaster.ForecastAsync(Token)));
        _clock.Advance(TimeSpan.FromMinutes(59));
        await forecaster.ForecastAsync(Token);
        Assert.Equal(1, ActivityCalls(sandbox));

        _clock.Advance(TimeSpan.FromMinutes(2));
        await forecaster.ForecastAsync(Token);
        Assert.Equal(2, ActivityCalls(sandbox));
    }

    [Fact]
    public async Task ForecastAsync_NewAccount_IsUnknown()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        await using var provider = Provider(sandbox);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Equal(10m, forecast.Remaining);
        Assert.Null(forecast.Depletion);
    }

    [Fact]
    public async Task ForecastAsync_SpendingThatStopped_IsNotTakenForGoingOn()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        sandbox.Account.SeedActivity(new SandboxActivity { Date = new DateOnly(2026, 11, 8), Model = "openai/gpt-4o-mini", Usage = 10m, Requests = 1 });
        await using var provider = Provider(sandbox);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(10, forecast.Basis.Days);
        Assert.Equal(new DateOnly(2026, 11, 17), forecast.Basis.To);
        Assert.Equal(1m, forecast.AverageDailySpend);
    }

    [Fact]
    public async Task ForecastAsync_ShortlyAfterMidnight_DoesNotTakeAMissingDayForAFreeOne()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        foreach (var day in Enumerable.Range(8, 9))
        {
            sandbox.Account.SeedActivity(new SandboxActivity { Date = new DateOnly(2026, 11, day), Model = "openai/gpt-4o-mini", Usage = 10m, Requests = 1 });
        }

        _clock.MoveTo(new DateTimeOffset(2026, 11, 19, 0, 10, 0, TimeSpan.Zero));
        await using var provider = Provider(sandbox);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(new DateOnly(2026, 11, 17), forecast.Basis.To);
    }

    [Fact]
    public async Task ForecastAsync_NoManagementKey_ForecastsSpendingFromTheLedger()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        var ledger = await LedgerOfAsync(days: 5, usDollarsPerDay: 2m, new SpendLabels());
        await using var provider = Provider(sandbox, options => options.ManagementKey = null, ledger);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Equal(2m, forecast.AverageDailySpend);
        Assert.Equal(ForecastSource.Ledger, forecast.Basis.Source);
        Assert.Contains("ManagementKey", forecast.Basis.Missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForecastAsync_AccountThatPaysByInvoice_AsksForNoBalance()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        await using var provider = Provider(sandbox, options => options.Guard.PaysByInvoice = true);

        var forecast = await provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token);

        Assert.Null(forecast.Remaining);
        Assert.Equal(0, sandbox.Requests.Latest.Count(request => request.Path.EndsWith("/credits", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ForecastLimitsAsync_CappedKeys_SaysWhichLastsUntilItsReset()
    {
        await using var sandbox = await StartAsync(credits: 1000m);
        sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "capped", Limit = 5m, LimitReset = "monthly" });
        sandbox.Account.CreateKey(new SandboxKeyOptions { Name = "free" });
        await using var provider = Provider(sandbox);

        var forecast = Assert.Single(await provider.GetRequiredService<IBillingForecaster>().ForecastLimitsAsync(Token));

        Assert.Equal((ForecastLimit.KeyCap, "capped", 5m, 5m), (forecast.Limit, forecast.Name, forecast.Capacity, forecast.Remaining));
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), forecast.ResetsAt);
        Assert.Equal(ForecastOutcome.Unknown, forecast.Outcome);
        Assert.Equal(64, forecast.KeyHash!.Length);
    }

    [Fact]
    public async Task ForecastLimitsAsync_Budgets_ForecastsEachSpenderByItsOwnDays()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        var ledger = await LedgerOfAsync(days: 20, usDollarsPerDay: 2m, new SpendLabels { Project = "search" }, new SpendLabels { Project = "chat" });
        await using var provider = Provider(
            sandbox,
            options =>
            {
                options.Guard.Budgets.Add(new() { Per = Spender.Project, Limit = 100m, Window = BudgetWindow.Monthly });
                options.Guard.Budgets.Add(new() { Per = Spender.Project, Name = "chat", Limit = 42m, Window = BudgetWindow.Monthly });
                options.Guard.Budgets.Add(new() { Per = Spender.App, Limit = 100m, Window = BudgetWindow.Lifetime });
            },
            ledger);

        var forecasts = await provider.GetRequiredService<IBillingForecaster>().ForecastLimitsAsync(Token);

        Assert.Equal(["Monthly, Project 'search'", "Monthly, Project 'chat'", "Lifetime, App"], forecasts.Select(forecast => forecast.Name));
        // The 20 days end with today, the 18th of the month: 18 of them are in the window.
        Assert.Equal([100m - 36m, 42m - 36m, null], forecasts.Select(forecast => forecast.Remaining));
        Assert.Equal([ForecastOutcome.Lasts, ForecastOutcome.RunsOut, ForecastOutcome.Unknown], forecasts.Select(forecast => forecast.Outcome));
        Assert.Contains("32 days", forecasts[2].Basis.Missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForecastLimitsAsync_NoManagementKey_ForecastsTheRegisteredKey()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        var key = sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = 50m });
        var ledger = await LedgerOfAsync(days: 20, usDollarsPerDay: 2m, new SpendLabels { KeyHash = KeyHash.Of(key.Secret) }, new SpendLabels { KeyHash = KeyHash.Of("another") });
        await using var provider = Provider(
            sandbox,
            options =>
            {
                options.ApiKey = key.Secret;
                options.ManagementKey = null;
            },
            ledger);

        var forecast = Assert.Single(await provider.GetRequiredService<IBillingForecaster>().ForecastLimitsAsync(Token));

        Assert.Equal((ForecastLimit.KeyCap, 50m, 2m), (forecast.Limit, forecast.Remaining, forecast.AverageDailySpend));
        Assert.Equal(ForecastOutcome.RunsOut, forecast.Outcome);
        Assert.DoesNotContain(key.Secret, forecast.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddForesight_NamedAccounts_ForecastsEachItsOwn()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddOpenRouterBilling("one", options => Configure(options, sandbox)).AddForesight().AddForesight();
        services.AddOpenRouterBilling("two", options => Configure(options, sandbox)).AddForesight();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        var one = provider.GetRequiredKeyedService<IBillingForecaster>("one");

        Assert.NotSame(one, provider.GetRequiredKeyedService<IBillingForecaster>("two"));
        Assert.Same(one, provider.GetRequiredKeyedService<IBillingForecaster>("one"));
        Assert.Null(provider.GetService<IBillingForecaster>());
        Assert.Equal(10m, (await one.ForecastAsync(Token)).Remaining);
    }

    [Fact]
    public async Task ForecastAsync_ServerThatFails_Throws()
    {
        await using var sandbox = await StartAsync(credits: 10m);
        await using var provider = Provider(sandbox, options => options.ManagementKey = "sk-or-v1-" + new string('9', 64));

        await Assert.ThrowsAsync<OpenRouterApiException>(() => provider.GetRequiredService<IBillingForecaster>().ForecastAsync(Token));
    }

    private static int ActivityCalls(OpenRouterSandbox sandbox) => sandbox.Requests.Latest.Count(request => request.Path.EndsWith("/activity", StringComparison.Ordinal));

    private static void Configure(OpenRouterBillingOptions options, OpenRouterSandbox sandbox) =>
        (options.ApiKey, options.ManagementKey, options.BaseAddress, options.MaxRetries) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress, 0);

    private Task<OpenRouterSandbox> StartAsync(decimal credits) => OpenRouterSandbox.StartAsync(
        options =>
        {
            options.InitialCredits = credits;
            options.TimeProvider = _clock;
        },
        Token);

    private ServiceProvider Provider(OpenRouterSandbox sandbox, Action<OpenRouterBillingOptions>? configure = null, IBillingLedger? ledger = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        if (ledger is not null)
        {
            services.AddSingleton(ledger);
        }

        services.AddOpenRouterBilling(options =>
        {
            Configure(options, sandbox);
            configure?.Invoke(options);
        }).AddForesight();
        return services.BuildServiceProvider();
    }

    /// <summary>A ledger in which each of these spent so much on each of the last days, today included; the clock ends where it was.</summary>
    private async Task<InMemoryBillingLedger> LedgerOfAsync(int days, decimal usDollarsPerDay, params SpendLabels[] spenders)
    {
        var now = _clock.GetUtcNow();
        var clock = new ManualTimeProvider(now.AddDays(1 - days));
        var ledger = new InMemoryBillingLedger(clock);
        for (var day = 0; day < days; day++)
        {
            foreach (var labels in spenders)
            {
                var lease = (await ledger.AcquireAsync(new LeaseRequest { Claims = [], Duration = TimeSpan.FromMinutes(1), Labels = labels }, Token)).Lease!.Value;
                await ledger.SettleAsync(lease, LimitUnit.UsDollars, (long)(usDollarsPerDay * 1_000_000_000), Token);
                await ledger.SettleAsync(lease, LimitUnit.UsDollarsWithByok, (long)(usDollarsPerDay * 1_000_000_000), Token);
            }

            clock.Advance(day == days - 1 ? TimeSpan.Zero : TimeSpan.FromDays(1));
        }

        return ledger;
    }
}
