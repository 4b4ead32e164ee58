using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>What a guard knows, shown to health checks, pages and gauges without asking OpenRouter.</summary>
public sealed class AccountFiguresTests
{
    private const string Balance = """{"data":{"total_credits":10,"total_usage":2.5}}""";
    private const string Key = """{"data":{"label":"ci","usage":1,"limit":20,"limit_remaining":19,"limit_reset":"monthly","free_model_daily_requests":{"used":3,"limit":50,"remaining":47}}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Peek_NothingReadYet_KnowsNothingAndAsksNobody()
    {
        using var world = new GuardedStub();

        var figures = world.Guard.Peek();

        Assert.Equal((null, null, false), (figures.Balance, figures.Key, figures.IsBalanceWithheld));
        Assert.Empty(world.Stub.Requests);
    }

    [Fact]
    public async Task Peek_AfterADecision_TellsTheFiguresAndWhenTheyWereRead()
    {
        using var world = new GuardedStub { CreditsBody = Balance, KeyBody = Key };
        var readAt = world.Clock.GetUtcNow();
        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        await world.AdvanceAsync(TimeSpan.FromSeconds(20));
        var asked = world.Stub.Requests.Count;

        var figures = world.Guard.Peek();

        Assert.Equal((7.5m, readAt), (figures.Balance?.Remaining, figures.BalanceReadAt));
        Assert.Equal((19m, readAt), (figures.Key?.Remaining, figures.KeyReadAt));
        Assert.Equal(asked, world.Stub.Requests.Count);
    }

    [Fact]
    public async Task Peek_BalanceMayNotBeRead_SaysSo()
    {
        using var world = new GuardedStub(options => options.ManagementKey = null);
        world.Stub.On("GET credits", () => StubHandler.Json("""{"error":{"code":403,"message":"Only management keys can perform this operation"}}""", System.Net.HttpStatusCode.Forbidden));
        await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);

        Assert.Equal((true, null), (world.Guard.Peek().IsBalanceWithheld, world.Guard.Peek().BalanceReadAt));
    }

    [Fact]
    public void Peek_OptionsCannotBeRead_KnowsNothing()
    {
        using var http = new HttpClient();
        var guard = new BillingGuard(() => http, () => throw new InvalidOperationException("Not now."), new());

        Assert.Null(guard.Peek().Key);
    }

    [Fact]
    public async Task Gauges_Collected_ShowTheLastReadingAndAskNobody()
    {
        using var world = new GuardedStub { CreditsBody = Balance, KeyBody = Key };
        using var meter = new RecordingMeter();
        using var http = new HttpClient(world.Stub, disposeHandler: false);
        var guard = new BillingGuard(http, world.Options, new() { TimeProvider = world.Clock, MeterFactory = meter });
        meter.Collect();
        Assert.Empty(meter.Of("balance"));

        await guard.EvaluateAsync(PolicyWorld.Paid, Cancellation);
        var asked = world.Stub.Requests.Count;
        meter.Collect();

        Assert.Equal([(7.5, "")], meter.Of("balance"));
        Assert.Equal([(19, "")], meter.Of("key.remaining"));
        Assert.Equal([(47, "")], meter.Of("free_requests.remaining"));
        Assert.Equal(asked, world.Stub.Requests.Count);
    }
}
