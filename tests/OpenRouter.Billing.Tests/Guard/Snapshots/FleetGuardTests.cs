using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Snapshots;

/// <summary>Guards of several processes over one shared state, each with a wall clock of its own.</summary>
public sealed class FleetGuardTests : IDisposable
{
    private const int Guards = 8;

    private readonly ManualTimeProvider _clock = new();
    private readonly StubHandler _stub = new StubHandler().On("GET key", TestData.KeyBody).On("GET credits", TestData.CreditsBody);
    private readonly HttpClient _http;
    // In memory, so that what one guard tells is there when it has decided.
    private readonly InMemorySharedState _state;

    public FleetGuardTests()
    {
        _http = new HttpClient(_stub) { Timeout = Timeout.InfiniteTimeSpan };
        _state = new InMemorySharedState(_clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        _stub.Dispose();
    }

    [Fact]
    public async Task ReserveAsync_ManyGuards_AskOncePerInterval()
    {
        var guards = Enumerable.Range(0, Guards).Select(number => Guard(TimeSpan.FromSeconds(10 * (number - (Guards / 2))))).ToArray();
        for (var second = 0; second < 600; second++)
        {
            foreach (var guard in guards)
            {
                var lease = await guard.ReserveAsync(new BillableRequest { Model = "a/b:free" }, Cancellation);
                await lease.ReleaseAsync(Cancellation);
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // Each guard by itself would ask at least every five minutes: three times each.
        Assert.InRange(_stub.Count("GET credits"), 2, (600 / 28) + 2);
        Assert.InRange(_stub.Count("GET key"), 2, (600 / 28) + 2);
    }

    [Fact]
    public async Task ReserveAsync_AnotherWasToldTheKeysLimits_DecidesByThem()
    {
        _stub.On("GET key", """{"data":{"label":"sk-or-v1-111...111","limit":5,"limit_remaining":0.01,"limit_reset":"monthly","usage":4.99,"usage_monthly":4.99,"budgets":[{"scope":"workspace","limit_usd":7,"spend_usd":1,"remaining_usd":6,"reset_interval":"daily","budget_id":"b1"}],"workspace_id":"w1","creator_user_id":"u1"}}""");
        var first = await Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation);

        var second = await Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation);

        Assert.Equal((1, 1), (_stub.Count("GET credits"), _stub.Count("GET key")));
        Assert.Equal(BillingCause.KeyLimit, second.Refusal?.Cause);
        Assert.Equal(
            first.Limits.Select(limit => (limit.Cause, limit.Capacity, limit.Remaining, limit.ResetsAt)),
            second.Limits.Select(limit => (limit.Cause, limit.Capacity, limit.Remaining, limit.ResetsAt)));
    }

    [Fact]
    public async Task ReserveAsync_KeyIsNotAccepted_OtherGuardsKnowIt()
    {
        _stub.On("GET key", () => StubHandler.Json("""{"error":{"code":401,"message":"No auth."}}""", System.Net.HttpStatusCode.Unauthorized));

        var first = await Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation);
        var second = await Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation);

        Assert.Equal((BillingCause.Authentication, BillingCause.Authentication), (first.Refusal?.Cause, second.Refusal?.Cause));
        Assert.Equal(1, _stub.Count("GET key"));
    }

    [Fact]
    public async Task ReserveAsync_Always_SharesNoPartOfAKey()
    {
        await Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation);

        var options = TestData.Options();
        var key = await _state.ReadAsync("figures/1/key/" + options.HashOf(TestData.ApiKey), Cancellation);
        var balance = await _state.ReadAsync("figures/1/balance/management/" + options.HashOf(TestData.ManagementKey), Cancellation);
        Assert.Contains("\"usage\":0.5", key!.Text, StringComparison.Ordinal);
        Assert.Contains("\"total_usage\":0.5", balance!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-or", key.Text + balance.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("111...111", key.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReserveAsync_CallerGivesUpWhileAnotherGuardAsks_TheNextCallerIsServed()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stub.On("GET credits", async (_, _) =>
        {
            await gate.Task;
            return StubHandler.Json(TestData.CreditsBody);
        });
        var asking = Guard().EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation).AsTask();
        await BillingClientKit.UntilAsync(() => _stub.Count("GET credits") == 1, "the question");
        var waiting = Guard();
        using var giveUp = new CancellationTokenSource();
        var cancelled = waiting.EvaluateAsync(new BillableRequest { Model = "a/b" }, giveUp.Token).AsTask();
        var served = waiting.EvaluateAsync(new BillableRequest { Model = "a/b" }, Cancellation).AsTask();

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.SetResult();
        await asking;
        // The caller looks again when a short wait ends, and has a bound over all of them that stays far away.
        await BillingClientKit.UntilAsync(
            () =>
            {
                if (!served.IsCompleted && _clock.PendingWaits is [{ Ticks: > 0 } wait, ..] && wait < TimeSpan.FromSeconds(0.5))
                {
                    _clock.Advance(wait);
                }

                return served.IsCompleted;
            },
            "the next caller to be served");

        Assert.Null((await served).Refusal);
    }

    private BillingGuard Guard(TimeSpan skew = default)
    {
        var clock = new SkewedTimeProvider(_clock, skew);
        return new BillingGuard(() => _http, () => TestData.Options(options => options.MaxRetries = 0), new BillingGuardServices { SharedState = _state, TimeProvider = clock });
    }

    private sealed class SkewedTimeProvider(TimeProvider inner, TimeSpan by) : TimeProvider
    {
        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + by;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }
}
