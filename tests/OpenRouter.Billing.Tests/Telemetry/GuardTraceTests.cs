using System.Diagnostics;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Telemetry;

/// <summary>The span of a decision.</summary>
public sealed class GuardTraceTests : IDisposable
{
    private readonly string _model = "some/model-" + Guid.NewGuid().ToString("N");
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public GuardTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OpenRouter.Billing",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (Equals(span.GetTagItem("gen_ai.request.model"), _model))
                {
                    _spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task Reserve_Admitted_SaysModelAndClaim()
    {
        using var world = new GuardedStub();

        await world.Guard.ReserveAsync(new() { Model = _model }, TestContext.Current.CancellationToken);

        var span = Assert.Single(_spans);
        Assert.Equal("billing_guard.reserve", span.OperationName);
        Assert.Equal(
            [("gen_ai.provider.name", "openrouter"), ("gen_ai.request.model", _model), ("openrouter.billing.claimed_usd", 0.05), ("openrouter.billing.outcome", "admitted")],
            span.TagObjects.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value!)));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
    }

    [Theory]
    [InlineData(BillingGuardMode.Enforce, "refused", ActivityStatusCode.Error)]
    [InlineData(BillingGuardMode.Observe, "observed", ActivityStatusCode.Unset)]
    public async Task Reserve_Refused_SaysTheCause(BillingGuardMode mode, string outcome, ActivityStatusCode status)
    {
        using var world = new GuardedStub(options => options.Guard.Mode = mode) { CreditsBody = """{"data":{"total_credits":10,"total_usage":10}}""" };

        await Record.ExceptionAsync(async () => await world.Guard.ReserveAsync(new() { Model = _model }, TestContext.Current.CancellationToken));

        var span = Assert.Single(_spans);
        Assert.Equal((outcome, "AccountCredits", status), (span.GetTagItem("openrouter.billing.outcome"), span.GetTagItem("error.type"), span.Status));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("sk-or", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Reserve_LimitCannotBeReadAndMaySend_IsCalledUnchecked()
    {
        using var world = new GuardedStub(options => options.Guard.WhenUnavailable = UnavailableBehavior.Allow) { CreditsBody = "no JSON" };

        await world.Guard.ReserveAsync(new() { Model = _model }, TestContext.Current.CancellationToken);

        Assert.Equal("unchecked", Assert.Single(_spans).GetTagItem("openrouter.billing.outcome"));
    }

    [Fact]
    public async Task Reserve_Off_LeavesNoSpan()
    {
        using var world = new GuardedStub(options => options.Guard.Mode = BillingGuardMode.Off);

        await world.Guard.ReserveAsync(new() { Model = _model }, TestContext.Current.CancellationToken);

        Assert.Empty(_spans);
    }

    public void Dispose() => _listener.Dispose();
}
