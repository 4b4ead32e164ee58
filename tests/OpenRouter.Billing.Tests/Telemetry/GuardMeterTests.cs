using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Telemetry;

/// <summary>What the guard counts and measures, tag values included.</summary>
public sealed class GuardMeterTests
{
    private const string TooLittle = """{"data":{"total_credits":10,"total_usage":9.99}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_AdmittedAndSettled_MeasuresClaimCostAndTheDifference()
    {
        using var world = new GuardedStub();
        using var meter = new RecordingMeter();
        var guard = Guard(world, meter);

        var lease = await guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        await lease.SettleAsync(0.01m, Cancellation);
        await lease.SettleAsync(0.03m, Cancellation);
        var returned = await guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        await returned.ReleaseAsync(Cancellation);

        Assert.Equal([(1, "outcome=admitted"), (1, "outcome=admitted")], meter.Of("requests"));
        Assert.Equal([(0.05, ""), (0.05, "")], meter.Of("claimed"));
        Assert.Equal([(0.01, "")], meter.Of("settled"));
        Assert.Equal([(0.2, "")], meter.Of("estimate.error"));
        Assert.Equal([1, -1, 1, -1], meter.Of("leases").Select(change => change.Value));
        Assert.Equal(2, meter.Of("decision.duration").Count());
    }

    [Fact]
    public async Task Reserve_FreeRequest_IsCountedWithoutMoney()
    {
        using var world = new GuardedStub();
        using var meter = new RecordingMeter();

        var lease = await Guard(world, meter).ReserveAsync(new() { Model = GuardedStub.FreeModel }, Cancellation);
        await lease.SettleAsync(0, Cancellation);

        Assert.Equal([(1, "outcome=admitted")], meter.Of("requests"));
        Assert.Empty(meter.Of("claimed"));
        Assert.Empty(meter.Of("settled"));
        Assert.Empty(meter.Of("estimate.error"));
        Assert.Equal(0, meter.Of("leases").Sum(change => change.Value));
    }

    [Theory]
    [InlineData(BillingGuardMode.Enforce, "outcome=refused cause=AccountCredits origin=Predicted")]
    [InlineData(BillingGuardMode.Observe, "outcome=observed cause=AccountCredits origin=Predicted")]
    public async Task Reserve_Refused_CountsTheCause(BillingGuardMode mode, string tags)
    {
        using var world = new GuardedStub(options => options.Guard.Mode = mode) { CreditsBody = TooLittle };
        using var meter = new RecordingMeter();

        await Record.ExceptionAsync(async () => await Guard(world, meter).ReserveAsync(PolicyWorld.Paid, Cancellation));

        Assert.Equal([(1, tags)], meter.Of("requests"));
        Assert.Empty(meter.Of("claimed"));
    }

    [Fact]
    public async Task Reserve_LimitCannotBeReadAndMaySend_IsCountedAsUnchecked()
    {
        using var world = new GuardedStub(options => options.Guard.WhenUnavailable = UnavailableBehavior.Allow) { CreditsBody = "no JSON" };
        using var meter = new RecordingMeter();

        await Guard(world, meter).ReserveAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal([(1, "outcome=unchecked")], meter.Of("requests"));
        Assert.Contains((1, "figure=balance outcome=Unavailable"), meter.Of("readings"));
        Assert.Contains((1, "figure=key outcome=Known"), meter.Of("readings"));
    }

    [Fact]
    public async Task Reserve_Off_CountsNothing()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Off);
        using var meter = new RecordingMeter();

        var lease = await Guard(world, meter).ReserveAsync(PolicyWorld.Paid, Cancellation);
        await lease.SettleAsync(0.01m, Cancellation);

        Assert.Empty(meter.Measurements);
    }

    [Fact]
    public async Task Settle_CostBeyondAllMeasure_IsBooked()
    {
        using var world = new GuardedStub(options => options.Guard.Budgets.Add(new() { Limit = 1 }));
        using var meter = new RecordingMeter();
        var guard = Guard(world, meter);

        await (await guard.ReserveAsync(PolicyWorld.Paid, Cancellation)).SettleAsync(decimal.MaxValue, Cancellation);

        Assert.Equal(BillingCause.AppBudget, (await guard.EvaluateAsync(PolicyWorld.Paid with { Model = GuardedStub.PaidModel }, Cancellation)).Limits.Last(limit => !limit.HasRoom).Cause);
    }

    [Fact]
    public async Task Learn_RefusalByTheServer_IsCountedWithItsOrigin()
    {
        using var world = new GuardedStub();
        using var meter = new RecordingMeter();

        Guard(world, meter).Learn(PolicyWorld.Paid, HttpStatusCode.PaymentRequired, """{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits"}}"""u8.ToArray());

        Assert.Equal([(1, "outcome=refused cause=AccountCredits origin=Answered")], meter.Of("requests"));
    }

    [Fact]
    public async Task Reserve_OnOldFigures_MeasuresTheirAge()
    {
        using var world = new GuardedStub();
        using var meter = new RecordingMeter();
        var guard = Guard(world, meter);
        await guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        await world.AdvanceAsync(TimeSpan.FromSeconds(20));

        await guard.ReserveAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal([(0, "figure=balance"), (0, "figure=key"), (20, "figure=balance"), (20, "figure=key")], meter.Of("reading.age"));
    }

    [Fact]
    public async Task Reserve_WaitsForTheFreeMinute_IsMeasuredOnce()
    {
        using var world = new GuardedStub(options => (options.Guard.FreeMinuteWait, options.Guard.FreeRequestsPerMinute) = (TimeSpan.FromMinutes(2), 1));
        using var meter = new RecordingMeter();
        var guard = Guard(world, meter);
        await (await guard.ReserveAsync(new() { Model = GuardedStub.FreeModel }, Cancellation)).SettleAsync(0, Cancellation);

        var waiting = guard.ReserveAsync(new() { Model = GuardedStub.FreeModel }, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingWaits.Any(wait => wait > TimeSpan.FromSeconds(30) && wait < TimeSpan.FromSeconds(62)), "it to wait for the minute");
        world.Clock.Advance(TimeSpan.FromSeconds(61));
        await waiting;

        Assert.Equal(2, meter.Of("requests").Count());
        Assert.Equal(2, meter.Of("decision.duration").Count());
        Assert.Equal(2, meter.Of("reading.age").Count(age => age.Tags == "figure=key"));
    }

    [Fact]
    public async Task Reserve_AnythingAtAll_PutsNoKeyAndNoModelIntoATag()
    {
        using var world = new GuardedStub { CreditsBody = TooLittle };
        using var meter = new RecordingMeter();

        await Record.ExceptionAsync(async () => await Guard(world, meter).ReserveAsync(PolicyWorld.Paid with { ApiKey = GuardedStub.OtherKey, Scope = new() { Member = "alice" } }, Cancellation));

        Assert.NotEmpty(meter.Measurements);
        Assert.DoesNotContain(meter.Measurements, measurement => measurement.Tags.Contains("sk-or", StringComparison.Ordinal) || measurement.Tags.Contains("some/model", StringComparison.Ordinal) || measurement.Tags.Contains("alice", StringComparison.Ordinal));
        Assert.Subset(new HashSet<string> { "{lease}", "{reading}", "{request}", "1", "USD", "s" }, meter.Measurements.Select(measurement => measurement.Unit!).ToHashSet());
    }

    [Fact]
    public void AddOpenRouterBilling_WithMetrics_TakesTheMeterFromTheFactory()
    {
        using var meter = new RecordingMeter();
        var services = new ServiceCollection();
        services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(meter);
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey);
        using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IBillingGuard>().Learn(PolicyWorld.Paid, HttpStatusCode.Unauthorized, """{"error":{"code":401,"message":"User not found."}}"""u8.ToArray());

        Assert.Equal([(1, "outcome=refused cause=Authentication origin=Answered")], meter.Of("requests"));
    }

    private static BillingGuard Guard(GuardedStub world, RecordingMeter meter) =>
        new(new HttpClient(world.Stub, disposeHandler: false), world.Options, new() { TimeProvider = world.Clock, MeterFactory = meter });
}
