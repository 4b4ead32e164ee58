using System.Diagnostics;
using System.Net;
using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Policies;
using OpenRouter.Billing.Tests.Guard.Verdicts;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>Whom a guard tells of its decisions and of what OpenRouter decided: meters, the span, observers and the log.</summary>
public sealed class BillingGuardReportTests : IDisposable
{
    private const string Empty = """{"data":{"total_credits":10,"total_usage":10}}""";
    private const string NoCredits = """{"error":{"code":402,"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits"}}""";
    private const string KeySpent = """{"error":{"code":403,"message":"Key limit exceeded (total limit). Contact your org admin."}}""";

    // Spans of other guards of the same process name other models.
    private readonly BillableRequest _paid = new() { Model = "some/model-" + Guid.NewGuid().ToString("N") };
    private readonly RecordingMeter _meter = new();
    private readonly Notes _notes = new();
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public BillingGuardReportTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OpenRouter.Billing",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (Equals(span.GetTagItem("gen_ai.request.model"), _paid.Model))
                {
                    _spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task ReserveAsync_Admitted_IsMeasuredAndInTheSpan()
    {
        using var world = new GuardedStub();

        var lease = await Guard(world).ReserveAsync(_paid, Cancellation);
        await lease.SettleAsync(0.01m, Cancellation);

        Assert.Equal([(1, "outcome=admitted")], _meter.Of("requests"));
        Assert.Equal([(0.05, "")], _meter.Of("claimed"));
        Assert.Equal([(0.01, "")], _meter.Of("settled"));
        Assert.Equal([1, -1], _meter.Of("leases").Select(change => change.Value));
        Assert.Single(_meter.Of("decision.duration"));
        Assert.Equal([(0, "figure=balance"), (0, "figure=key")], _meter.Of("reading.age"));
        Assert.Equal(("admitted", 0.05), (Assert.Single(_spans).GetTagItem("openrouter.billing.outcome"), _spans[0].GetTagItem("openrouter.billing.claimed_usd")));
        Assert.Empty(_notes.All);
    }

    [Theory]
    [InlineData(BillingGuardMode.Enforce, "refused", "RequestRefused")]
    [InlineData(BillingGuardMode.Observe, "observed", "RequestObserved")]
    public async Task ReserveAsync_Refused_IsCountedLoggedAndToldOnWhoseBehalf(BillingGuardMode mode, string outcome, string logged)
    {
        using var world = new GuardedStub(options => options.Guard.Mode = mode) { CreditsBody = Empty };
        var isObserved = mode == BillingGuardMode.Observe;

        using (BillingScope.Begin(new() { Project = "search" }))
        {
            await Record.ExceptionAsync(async () => await Guard(world).ReserveAsync(_paid with { Scope = new() { Member = "alice" } }, Cancellation));
        }

        Assert.Equal([(1, $"outcome={outcome} cause=AccountCredits origin=Predicted")], _meter.Of("requests"));
        Assert.Equal(isObserved ? [1d] : [], _meter.Of("leases").Select(change => change.Value));
        Assert.Equal((outcome, "AccountCredits"), (Assert.Single(_spans).GetTagItem("openrouter.billing.outcome"), _spans[0].GetTagItem("error.type")));
        Assert.Equal([logged], world.Log.Entries.Select(entry => entry.Event));
        var refusal = Assert.Single(_notes.All);
        Assert.Equal((BillingCause.AccountCredits, isObserved), (refusal.Verdict.Cause, refusal.IsObserved));
        Assert.Equal(new BillingScope { Project = "search", Member = "alice" }, refusal.Scope);
    }

    [Fact]
    public async Task EvaluateAsync_Always_MeasuresTheAgeOfTheFiguresAndCountsNoRequest()
    {
        using var world = new GuardedStub { CreditsBody = Empty };

        await Guard(world).EvaluateAsync(_paid, Cancellation);

        Assert.Equal([(0, "figure=balance"), (0, "figure=key")], _meter.Of("reading.age"));
        Assert.Empty(_meter.Of("requests"));
        Assert.Empty(_notes.All);
    }

    [Fact]
    public async Task Collect_AfterALook_ShowsTheBalance()
    {
        using var world = new GuardedStub();
        var guard = Guard(world);
        await guard.EvaluateAsync(_paid, Cancellation);

        _meter.Collect();

        Assert.Equal([(9.5, "")], _meter.Of("balance"));
        GC.KeepAlive(guard);
    }

    [Fact]
    public void Learn_RefusalByTheServer_IsCountedLoggedAndTold()
    {
        using var world = new GuardedStub();

        var verdict = Guard(world).Learn(_paid with { Scope = new() { Member = "alice" } }, HttpStatusCode.PaymentRequired, Bytes(NoCredits));

        Assert.Equal((BillingCause.AccountCredits, _paid.Model), (verdict?.Cause, verdict?.Model));
        Assert.Equal([(1, "outcome=refused cause=AccountCredits origin=Answered")], _meter.Of("requests"));
        Assert.Equal(["RequestRefusedByServer"], world.Log.Entries.Select(entry => entry.Event));
        var refusal = Assert.Single(_notes.All);
        Assert.Equal((verdict, "alice", false), (refusal.Verdict, refusal.Scope.Member, refusal.IsObserved));
    }

    [Fact]
    public async Task ReserveAsync_ObserverFails_IsLoggedAndTheOthersAreTold()
    {
        using var world = new GuardedStub { CreditsBody = Empty };
        var guard = Guard(world, new Broken(), _notes);

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await guard.ReserveAsync(_paid, Cancellation));

        Assert.Single(_notes.All);
        Assert.Single(world.Log.Entries, entry => entry.Event == "ObserverFailed");
    }

    [Fact]
    public void Learn_OptionsCannotBeRead_IsLoggedAndStillSaysWhatItWas()
    {
        using var world = new GuardedStub();
        using var http = new HttpClient(world.Stub, disposeHandler: false);
        var guard = new BillingGuard(() => http, () => throw new FormatException("No number."), new() { TimeProvider = world.Clock, Logger = world.Log });

        var verdict = guard.Learn(_paid, HttpStatusCode.PaymentRequired, Bytes(NoCredits));

        Assert.Equal(BillingCause.AccountCredits, verdict?.Cause);
        Assert.Contains("No number.", Assert.Single(world.Log.Entries, entry => entry.Event == "DecisionFailed").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GuardedStub.OtherKey, true, false)]
    [InlineData(null, false, true)]
    public async Task Learn_KeyIsSpent_ClosesTheKeyOfThatRequestOnly(string? key, bool closesOther, bool closesUsual)
    {
        using var world = new GuardedStub();
        var guard = Guard(world);

        guard.Learn(PolicyWorld.Paid with { ApiKey = key }, HttpStatusCode.Forbidden, Bytes(KeySpent));

        Assert.Equal(closesOther, (await guard.EvaluateAsync(PolicyWorld.Paid with { ApiKey = GuardedStub.OtherKey }, Cancellation)).Refusal?.Cause == BillingCause.KeyLimit);
        Assert.Equal(closesUsual, (await guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).Refusal?.Cause == BillingCause.KeyLimit);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private BillingGuard Guard(GuardedStub world, params IBillingRefusalObserver[] observers) => new(
        new HttpClient(world.Stub, disposeHandler: false),
        world.Options,
        new() { TimeProvider = world.Clock, Logger = world.Log, MeterFactory = _meter, RefusalObservers = observers.Length == 0 ? [_notes] : observers });

    private sealed class Notes : IBillingRefusalObserver
    {
        public List<BillingRefusal> All { get; } = [];

        public void Refused(BillingRefusal refusal) => All.Add(refusal);
    }

    private sealed class Broken : IBillingRefusalObserver
    {
        public void Refused(BillingRefusal refusal) => throw new InvalidOperationException("The notes are full.");
    }
}
