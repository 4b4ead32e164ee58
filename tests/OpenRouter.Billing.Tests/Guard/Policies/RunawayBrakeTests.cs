using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>What runs away is noticed, told, slowed down or stopped, and comes free again when it is over.</summary>
public sealed class RunawayBrakeTests
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_SameBodyTooOften_TripsAndRefusesEverythingUntilTheBreakIsOver()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 3));
        await world.PassAsync("loop", "loop", "other", "loop");

        var refusal = await world.IsRefusedAsync("loop");
        await world.IsRefusedAsync("another");

        Assert.Equal((3m, 4m, world.Clock.GetUtcNow() + Break), (refusal.Limit, refusal.Used, refusal.ResetsAt));
        Assert.StartsWith("The runaway brake (same request, 60 s, App) is on: 4 requests of 3 (model some/model).", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(refusal.Verdict.Limits, limit => limit is { Cause: BillingCause.RunawayBrake, HasRoom: false });
        Assert.False(BillingRetryAdvice.For(refusal.Verdict, world.Clock).ShouldRetry);
        Assert.Equal(4, world.Sent);
    }

    [Fact]
    public async Task SendAsync_AfterTheBreak_LetsProbesThroughAndThenEverything()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.Probes) = (BrakeAction.Trip, 1, 2));
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
        world.Clock.Advance(Break);

        await world.PassAsync("a", "b");
        var refusal = await world.IsRefusedAsync("c");
        Assert.Equal((2m, 2m, world.Clock.GetUtcNow() + Break), (refusal.Limit, refusal.Used, refusal.ResetsAt));

        world.Clock.Advance(Break);
        await world.PassAsync("d", "e", "f");
        Assert.Empty(world.Brake.Trips);
    }

    [Fact]
    public async Task SendAsync_LoopHammersOn_StaysShut()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 3));
        await world.PassAsync("loop", "loop", "loop");

        for (var second = 0; second < 600; second++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(1));
            await world.IsRefusedAsync("loop");
        }

        Assert.Equal(3, world.Sent);
        world.Clock.Advance(2 * Break);
        await world.PassAsync("loop");
    }

    [Fact]
    public async Task SendAsync_SpentTooFast_TripsByWhatWasBilled()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxCost) = (BrakeAction.Trip, 0.05m), cost: 0.02m);
        await world.PassAsync("a", "b", "c");

        var refusal = await world.IsRefusedAsync("d");

        Assert.Equal((0.05m, 0.06m, LimitUnit.UsDollars), (refusal.Limit, refusal.Used, refusal.Verdict.Limit!.Unit));
        Assert.StartsWith("The runaway brake (spending, 60 s, App) is on: 0.06 USD of 0.05 USD was spent", refusal.Message, StringComparison.Ordinal);
        world.Clock.Advance(Break);
        await world.PassAsync("d");
        await world.IsRefusedAsync("e");
    }

    [Fact]
    public async Task SendAsync_ProbesSpendTooFastToo_TripsAgain()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxCost, brake.Probes) = (BrakeAction.Trip, 0.05m, 9), cost: 0.03m);
        await world.PassAsync("a", "b");
        await world.IsRefusedAsync("c");
        world.Clock.Advance(Break);
        await world.PassAsync("c", "d");

        Assert.Equal(world.Clock.GetUtcNow() + Break, (await world.IsRefusedAsync("e")).ResetsAt);
        await world.IsToldAsync(2);
    }

    [Fact]
    public async Task SendAsync_SlowEnough_NeverTrips()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.MaxCost) = (BrakeAction.Trip, 3, 0.08m), cost: 0.02m);

        for (var turn = 0; turn < 50; turn++)
        {
            await world.PassAsync("poll");
            world.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Empty(world.Told);
    }

    [Fact]
    public async Task SendAsync_Alert_TellsOnceAndLetsEverythingOut()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Alert, 2));

        await world.PassAsync([.. Enumerable.Repeat("loop", 20)]);

        await world.IsToldAsync(1);
        var trip = Assert.Single(world.Told);
        Assert.Equal((BrakeReason.Repeats, 3m, 2m, Spender.App, null), (trip.Reason, trip.Used, trip.Allowed, trip.Per, trip.Name));
        Assert.Equal(trip.HalfOpenAt, trip.EndsAt);
        Assert.Single(world.Log.Entries, entry => entry is { Event: "RunawayBraked", Level: LogLevel.Warning });
        Assert.Equal([(1, "reason=Repeats action=Alert")], world.Meter.Of("brake.trips"));
        world.Clock.Advance(2 * Break);
        await world.PassAsync("loop", "loop", "loop");
        await world.IsToldAsync(2);
    }

    [Fact]
    public async Task SendAsync_SlowDown_WaitsAndGoesOut()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.SlowDown, 1));
        await world.PassAsync("loop");

        var slowed = world.PassAsync("loop");
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1, "the delay");
        Assert.Equal(1, world.Sent);
        Assert.Equal([TimeSpan.FromSeconds(2)], world.Clock.PendingWaits);
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await slowed;
        Assert.Equal(2, world.Sent);
        world.Clock.Advance(Break);
        await world.PassAsync("else");
    }

    [Fact]
    public async Task SendAsync_CancelledWhileSlowedDown_HoldsNothing()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.SlowDown, 1), options => options.Guard.Budgets.Add(new() { Limit = 1 }));
        await world.PassAsync("loop");
        using var impatience = new CancellationTokenSource();

        var slowed = world.Guard.ReserveAsync(new() { Model = GuardedStub.PaidModel, Fingerprint = 7 }, impatience.Token);
        Assert.True(slowed.IsCompletedSuccessfully);
        var second = world.Guard.ReserveAsync(new() { Model = GuardedStub.PaidModel, Fingerprint = 7 }, impatience.Token).AsTask();
        await BillingClientKit.UntilAsync(() => world.Clock.PendingTimers == 1, "the delay");
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        await (await slowed).ReleaseAsync(Cancellation);
        var limits = (await world.Guard.EvaluateAsync(new() { Model = GuardedStub.PaidModel }, Cancellation)).Limits;
        Assert.All(limits, limit => Assert.Equal(0, limit.Held));
    }

    [Fact]
    public async Task EvaluateAsync_BrakeSet_ShowsItsRoomAndCountsNothing()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.MaxCost) = (BrakeAction.Trip, 2, 0.10m), cost: 0.02m);
        var asked = new BillableRequest { Model = GuardedStub.PaidModel, Fingerprint = 42 };
        await (await world.Guard.ReserveAsync(asked, Cancellation)).SettleAsync(0.02m, Cancellation);

        BillingGuardDecision decision = null!;
        for (var turn = 0; turn < 10; turn++)
        {
            decision = await world.Guard.EvaluateAsync(asked, Cancellation);
        }

        Assert.True(decision.IsAllowed);
        var shown = decision.Limits.Where(limit => limit.Cause == BillingCause.RunawayBrake).ToArray();
        Assert.Equal([(LimitUnit.Requests, 1m, 2m), (LimitUnit.UsDollars, 0.02m, 0.10m)], shown.Select(limit => (limit.Unit, limit.Used, limit.Capacity)));
        await (await world.Guard.ReserveAsync(asked, Cancellation)).SettleAsync(0.02m, Cancellation);
        Assert.Equal(BillingCause.RunawayBrake, (await world.Guard.EvaluateAsync(asked, Cancellation)).Refusal!.Cause);
        Assert.Empty(world.Brake.Trips);
    }

    [Theory]
    [InlineData(BrakeAction.Alert)]
    [InlineData(BrakeAction.SlowDown)]
    public async Task EvaluateAsync_BrakeThatRefusesNothing_ShowsItsReadingsAndAllows(BrakeAction action)
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.MaxCost) = (action, 1, 0.10m), cost: 0.02m);
        var asked = new BillableRequest { Model = GuardedStub.PaidModel, Fingerprint = 42 };
        await (await world.Guard.ReserveAsync(asked, Cancellation)).SettleAsync(0.02m, Cancellation);

        var before = await world.Guard.EvaluateAsync(asked, Cancellation);
        var tripping = world.Guard.ReserveAsync(asked, Cancellation).AsTask();
        await world.IsToldAsync(1);
        var on = await world.Guard.EvaluateAsync(asked, Cancellation);
        world.Clock.Advance(2 * Break);
        await (await tripping).ReleaseAsync(Cancellation);

        Assert.True(before.IsAllowed && on.IsAllowed);
        Assert.Equal([(LimitUnit.Requests, 1m, 1m, false, true), (LimitUnit.UsDollars, 0.02m, 0.10m, true, true)], Shown(before));
        Assert.Equal([(LimitUnit.Requests, 2m, 1m, false, true)], Shown(on));
        Assert.Equal(world.Told.Single().HalfOpenAt, on.Limits.Single(limit => limit.IsAdvisory).ResetsAt);
    }

    [Fact]
    public async Task ReserveAsync_BrakeThatOnlyAlerts_NamesTheLimitThatRefusesAndNotItself()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Alert, 1), options => options.Guard.Budgets.Add(new() { Limit = 0.20m }));
        world.Options.Guard.PaidRequestClaim = 5;
        var asked = new BillableRequest { Model = GuardedStub.PaidModel, Fingerprint = 42 };

        await Assert.ThrowsAsync<BudgetExceededException>(async () => await world.Guard.ReserveAsync(asked, Cancellation));
        var refusal = await Assert.ThrowsAsync<BudgetExceededException>(async () => await world.Guard.ReserveAsync(asked, Cancellation));

        Assert.Contains(refusal.Verdict.Limits, limit => limit is { Cause: BillingCause.RunawayBrake, IsAdvisory: true });
    }

    [Fact]
    public void Apply_NoBrake_AllocatesNothing()
    {
        var brake = new RunawayBrake();
        var policy = new RunawayBrakePolicy(brake);
        var off = Allocated(policy, BrakeAction.None);
        var on = Allocated(policy, BrakeAction.Trip);

        Assert.Equal(0, off);
        Assert.True(on > 0, "The measurement sees nothing.");
    }

    [Fact]
    public async Task Reset_WhileOn_TellsObserversWhatItWasOnFor()
    {
        var observer = new Observer();
        using var world = new BrakeWorld(options => (options.Action, options.MaxRepeats) = (BrakeAction.Trip, 1), observer: observer);

        world.Brake.Reset();
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
        await BillingClientKit.UntilAsync(() => observer.Tripped.Count == 1, "the trip");
        world.Brake.Reset();
        await BillingClientKit.UntilAsync(() => observer.Resets.Count == 1, "the reset");

        await world.IsToldAsync(1);

        Assert.Equal(observer.Tripped, Assert.Single(observer.Resets));
    }

    [Fact]
    public async Task AddBrakeObserver_OfOneAccount_IsToldOfThatAccountOnly()
    {
        var (one, two) = (new Observer(), new Observer());
        var services = new ServiceCollection();
        services.AddOpenRouterBilling("one", Configure).AddBrakeObserver(one);
        services.AddOpenRouterBilling("two", Configure).AddBrakeObserver(_ => two);
        using var provider = services.BuildServiceProvider();
        var asked = new BillableRequest { Model = GuardedStub.PaidModel, Fingerprint = 42 };

        await provider.GetRequiredKeyedService<IBillingGuard>("one").ReserveAsync(asked, Cancellation);
        await Assert.ThrowsAsync<RunawayBrakeTrippedException>(async () => await provider.GetRequiredKeyedService<IBillingGuard>("one").ReserveAsync(asked, Cancellation));

        await BillingClientKit.UntilAsync(() => one.Tripped.Count == 1, "the trip");
        Assert.Empty(two.Tripped);

        static void Configure(OpenRouterBillingOptions options)
        {
            options.ApiKey = TestData.ApiKey;
            // Nobody answers, and the brake asks nobody.
            (options.BaseAddress, options.MaxRetries, options.Guard.WhenUnavailable) = (new Uri("http://127.0.0.1:9/"), 0, UnavailableBehavior.Allow);
            (options.Guard.Brake.Action, options.Guard.Brake.MaxRepeats) = (BrakeAction.Trip, 1);
        }
    }

    [Fact]
    public async Task Reset_WhileOn_LetsRequestsThroughAtOnceAndCountsAnew()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 1));
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
        Assert.Single(world.Brake.Trips);

        world.Brake.Reset();

        Assert.Empty(world.Brake.Trips);
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
    }

    [Fact]
    public async Task ReserveAsync_PerProject_BrakesOneAndLeavesTheOthersAlone()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.Per) = (BrakeAction.Trip, 1, Spender.Project));
        await world.PassAsync("loop", "loop", "loop");

        using (BillingScope.Begin(new() { Project = "search" }))
        {
            await world.PassAsync("loop");
            var refusal = await world.IsRefusedAsync("loop");
            Assert.Contains("(same request, 60 s, Project 'search')", refusal.Message, StringComparison.Ordinal);
            Assert.Equal("search", Assert.Single(world.Brake.Trips).Name);
        }

        using (BillingScope.Begin(new() { Project = "mail" }))
        {
            await world.PassAsync("loop");
        }
    }

    [Fact]
    public async Task ReserveAsync_ProbeRefusedByAnotherLimit_GivesTheProbeBack()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 1), options => options.Guard.Budgets.Add(new() { Limit = 0.20m }), cost: 0);
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
        world.Clock.Advance(Break);
        var large = new BillableRequest { Model = GuardedStub.PaidModel };
        world.Options.Guard.PaidRequestClaim = 5;

        await Assert.ThrowsAsync<BudgetExceededException>(async () => await world.Guard.ReserveAsync(large, Cancellation));
        world.Options.Guard.PaidRequestClaim = 0.05m;
        await world.Guard.ReserveAsync(large, Cancellation);
        await Assert.ThrowsAsync<RunawayBrakeTrippedException>(async () => await world.Guard.ReserveAsync(large, Cancellation));
    }

    [Fact]
    public async Task ReserveAsync_ManyAtOnceWhileHalfOpen_LetsExactlyTheProbesThrough()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.Probes) = (BrakeAction.Trip, 1, 3));
        await world.PassAsync("loop");
        await world.IsRefusedAsync("loop");
        world.Clock.Advance(Break);
        using var together = new Barrier(8);

        var passed = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait(Cancellation);
                return Enumerable.Range(0, 20).Count(turn => Passes(world, thread * 100 + turn));
            },
            Cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(3, passed.Sum());
    }

    [Fact]
    public async Task ReserveAsync_Observe_TellsAndLetsOut()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Trip, 1), options => options.Guard.Mode = BillingGuardMode.Observe);

        await world.PassAsync("loop", "loop", "loop");

        await world.IsToldAsync(1);
        Assert.Contains(world.Log.Entries, entry => entry.Event == "RequestObserved");
    }

    [Fact]
    public async Task Apply_MoreBodiesThanAreKept_StaysBoundedAndStillFindsTheLoop()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats, brake.Window) = (BrakeAction.Trip, 20, TimeSpan.FromHours(1)));
        var refused = 0;

        for (var turn = 0; turn < 21_000; turn++)
        {
            refused += Passes(world, turn % 1_000 == 0 ? -1 : turn) ? 0 : 1;
        }

        Assert.InRange(world.Brake.Remembered, 1, RepeatCounter.MostKept);
        Assert.Equal(1_000, refused);
        await world.IsRefusedAsync("anything");
    }

    [Fact]
    public async Task Trip_WhoeverIsToldFails_IsLoggedAndHarmsNoRequest()
    {
        using var world = new BrakeWorld(brake => (brake.Action, brake.MaxRepeats) = (BrakeAction.Alert, 1), onTripped: _ => throw new InvalidOperationException("no pager"));

        await world.PassAsync("loop", "loop", "loop");

        await BillingClientKit.UntilAsync(() => world.Log.Entries.Any(entry => entry.Event == "RunawayBrakeCallFailed"), "the log");
    }

    [Fact]
    public void AddOpenRouterBilling_OwnBrake_Wins()
    {
        var own = new RunawayBrake();
        var services = new ServiceCollection().AddSingleton(own);
        services.AddOpenRouterBilling(options => options.ApiKey = TestData.ApiKey);
        services.AddOpenRouterBilling("research", options => options.ApiKey = TestData.ApiKey);
        using var provider = services.BuildServiceProvider();

        Assert.Same(own, provider.GetRequiredService<RunawayBrake>());
        Assert.Same(own, provider.GetRequiredKeyedService<RunawayBrake>(string.Empty));
        Assert.NotSame(own, provider.GetRequiredKeyedService<RunawayBrake>("research"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task ReadAsync_Body_IsHashedOnlyWhenBodiesAreCompared(bool compares, bool isHashed)
    {
        using var request = GuardedStub.Request();
        using var same = GuardedStub.Request();
        using var other = GuardedStub.Request("another/model");
        request.RequestUri = same.RequestUri = other.RequestUri = new Uri(TestData.Options().BaseAddress, "chat/completions");

        var read = await RequestBody.ReadAsync(request, 4096, null, compares, Cancellation);

        Assert.Equal(isHashed, read.Fingerprint is not null);
        Assert.Equal(read.Fingerprint, (await RequestBody.ReadAsync(same, 4096, null, compares, Cancellation)).Fingerprint);
        Assert.Equal(!isHashed, read.Fingerprint == (await RequestBody.ReadAsync(other, 4096, null, compares, Cancellation)).Fingerprint);
        Assert.Null((await RequestBody.ReadAsync(request, 16, null, compares, Cancellation)).Fingerprint);
    }

    private static IEnumerable<(LimitUnit Unit, decimal Used, decimal Capacity, bool HasRoom, bool IsAdvisory)> Shown(BillingGuardDecision decision) =>
        decision.Limits.Where(limit => limit.Cause == BillingCause.RunawayBrake).Select(limit => (limit.Unit, limit.Used, limit.Capacity, limit.HasRoom, limit.IsAdvisory));

    /// <summary>What a hundred requests allocate on their way past the brake; the least of some rounds, because code that is still being compiled allocates as well.</summary>
    private static long Allocated(RunawayBrakePolicy policy, BrakeAction action)
    {
        var options = new BillingGuardOptions();
        (options.Brake.Action, options.Brake.MaxRepeats, options.Brake.MaxCost) = (action, 1_000_000, 1_000_000m);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var contexts = Enumerable.Range(0, 100).Select(turn => BrakeWorld.Context(options, fingerprint: turn)).ToArray();
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var context in contexts)
            {
                policy.Apply(context);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static bool Passes(BrakeWorld world, long fingerprint)
    {
        var asked = world.Guard.ReserveAsync(new() { Model = GuardedStub.PaidModel, Fingerprint = fingerprint }, Cancellation);
        return asked.AsTask().ContinueWith(task => task.IsCompletedSuccessfully, TaskScheduler.Default).GetAwaiter().GetResult();
    }

    private sealed class Observer : IBrakeObserver
    {
        public ConcurrentQueue<BrakeTrip> Tripped { get; } = new();

        public ConcurrentQueue<IReadOnlyList<BrakeTrip>> Resets { get; } = new();

        public ValueTask TrippedAsync(BrakeTrip trip, CancellationToken cancellationToken = default)
        {
            Tripped.Enqueue(trip);
            return ValueTask.CompletedTask;
        }

        public ValueTask ResetAsync(IReadOnlyList<BrakeTrip> trips, CancellationToken cancellationToken = default)
        {
            Resets.Enqueue(trips);
            return ValueTask.CompletedTask;
        }
    }
}
