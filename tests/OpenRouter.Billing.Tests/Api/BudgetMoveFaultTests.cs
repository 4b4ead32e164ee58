using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

/// <summary>A move of money under every fault at every call, and under any second fault after it: what the server holds is looked at after each call.</summary>
public sealed class BudgetMoveFaultTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);
    private static readonly WayFault[] Kinds = Enum.GetValues<WayFault>();
    private static readonly WayFault[] Seconds = [WayFault.CutBefore, WayFault.CutAfter, WayFault.Refused, WayFault.RefusedAfter, WayFault.BrokenAfter, WayFault.SlowSoonAfter, WayFault.SlowMuchLater];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MoveBudgetAsync_AnyOneFaultAnywhereAndAnySecondAfterIt_NeverAllotsTwiceAndSaysTrulyWhatStands()
    {
        await using var world = await World.StartAsync();
        await world.CheckAsync([]);
        Assert.Equal(["GET /workspaces/giver/budgets", "GET /workspaces/taker/budgets", "PUT /workspaces/giver/budgets/monthly", "PUT /workspaces/taker/budgets/monthly"], world.Ways.Calls);
        var (places, runs) = (0, 1);
        for (var first = 0; first < 4; first++)
        {
            foreach (var kind in Kinds)
            {
                var calls = await world.CheckAsync(new() { [first] = kind });
                places++;
                runs++;
                // Looks and changes that only a failure brings about can fail as well.
                for (var second = first + 1; second < calls; second++)
                {
                    foreach (var other in Seconds)
                    {
                        await world.CheckAsync(new() { [first] = kind, [second] = other });
                        places++;
                        runs++;
                    }
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{runs} moves, {places} fault places, {world.Looks} looks at the server's state, {world.Done} done, {world.Undone} undone.");
        Assert.True(world is { Done: > 50, Undone: > 20 }, $"{world.Done} done, {world.Undone} undone.");
    }

    [Fact]
    public async Task MoveBudgetAsync_ManyAtOnce_LoseNoMoneyAndMakeNone()
    {
        await using var world = await World.StartAsync();
        await world.ResetAsync();
        world.Ways.Begin(new Dictionary<int, WayFault>());
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => i % 2 == 0
            ? world.Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, 2m, Cancelled)
            : world.Client.Workspaces.MoveBudgetAsync("taker", "giver", BudgetInterval.Monthly, 1m, Cancelled)));
        Assert.Equal((94m, 56m), await world.LimitsAsync());
    }

    [Fact]
    public async Task MoveBudgetAsync_CancelledWhileAnotherRuns_FailsAloneAndAtOnce()
    {
        await using var world = await World.StartAsync();
        await world.ResetAsync();
        var gate = world.Sandbox.Faults.Add("PUT /workspaces/giver/budgets/monthly", SandboxFault.Gate(), times: 1, when: request => request.Body.Contains("70", StringComparison.Ordinal));
        var first = world.Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, 30m, Cancelled);
        await gate.WaitUntilHeldAsync(1, Cancelled);
        using var stop = new CancellationTokenSource();
        var second = world.Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, 30m, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.Release();
        await first;
        Assert.Equal((70m, 80m), await world.LimitsAsync());
    }

    private sealed class World : IAsyncDisposable
    {
        // Every window has a budget near the moved one, so that a wrong order of changes would break the rule.
        private static readonly (string Workspace, BudgetInterval Interval, decimal Limit)[] Start =
        [
            ("giver", BudgetInterval.Lifetime, 101m), ("giver", BudgetInterval.Monthly, 100m), ("giver", BudgetInterval.Weekly, 69m), ("giver", BudgetInterval.Daily, 10m),
            ("taker", BudgetInterval.Lifetime, 81m), ("taker", BudgetInterval.Monthly, 50m), ("taker", BudgetInterval.Weekly, 49m),
        ];

        private readonly ManualTimeProvider _clock = new();

        public required OpenRouterSandbox Sandbox { get; init; }

        public OpenRouterBillingClient Client { get; private set; } = null!;

        public FaultPlaces Ways { get; private set; } = null!;

        public int Looks { get; private set; }

        public int Done { get; private set; }

        public int Undone { get; private set; }

        private OpenRouterBillingClient Observer { get; set; } = null!;

        public static async Task<World> StartAsync()
        {
            var world = new World { Sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled) };
            world.Ways = new FaultPlaces(world._clock, AttemptTimeout, world.LookAsync);
            world.Client = world.Over(world.Ways, world._clock);
            world.Observer = world.Over(new SocketsHttpHandler(), TimeProvider.System);
            foreach (var slug in new[] { "giver", "taker" })
            {
                await world.Observer.Workspaces.CreateAsync(new WorkspaceDraft { Name = slug, Slug = slug }, Cancelled);
            }

            return world;
        }

        /// <summary>Makes one move under the faults, and says how many calls it took.</summary>
        public async Task<int> CheckAsync(Dictionary<int, WayFault> faults)
        {
            await ResetAsync();
            var what = string.Join(", ", faults.Select(fault => $"{fault.Value} at {fault.Key}"));
            var token = Ways.Begin(faults);
            BudgetMove? move = null;
            Exception? failure = null;
            try
            {
                move = await Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, 30m, token);
            }
            catch (BudgetMoveException exception)
            {
                (failure, move) = (exception, exception.Move);
                Undone += exception.IsUndone ? 1 : 0;
            }
            catch (Exception exception) when (exception is OpenRouterBillingException or OperationCanceledException)
            {
                failure = exception;
            }

            var calls = Ways.Calls.Count;
            var (from, to) = await LimitsAsync();
            Assert.True(move is not null || (from, to) == (100m, 50m), $"{what}: {failure?.GetType().Name} says nothing of {from} and {to}.");
            Assert.True(move?.FromLimit is null || move.FromLimit == from, $"{what}: the first is said to stand at {move?.FromLimit} and stands at {from}.");
            Assert.True(move?.ToLimit is null || move.ToLimit == to, $"{what}: the second is said to stand at {move?.ToLimit} and stands at {to}.");
            Assert.True(failure is not null || (from, to) == (70m, 80m), $"{what}: no failure, but {from} and {to}.");
            Assert.True(failure is not OperationCanceledException || token.IsCancellationRequested, $"{what}: nobody cancelled.");
            Done += failure is null ? 1 : 0;
            // What comes late makes no money either.
            await Ways.CatchUpAsync();
            return calls;
        }

        public async Task ResetAsync()
        {
            Ways.Begin(new Dictionary<int, WayFault>());
            var (from, to) = await LimitsAsync();
            if ((from, to) == (100m, 50m))
            {
                return;
            }

            foreach (var (workspace, interval, limit) in from is null ? Start : Start.Where(budget => budget.Interval == BudgetInterval.Monthly))
            {
                await Observer.Workspaces.Budgets.SetAsync(workspace, interval, limit, cancellationToken: Cancelled);
            }
        }

        public async Task<(decimal? From, decimal? To)> LimitsAsync() =>
            ((await Observer.Workspaces.Budgets.ListAsync("giver", Cancelled)).Find(BudgetInterval.Monthly)?.Limit, (await Observer.Workspaces.Budgets.ListAsync("taker", Cancelled)).Find(BudgetInterval.Monthly)?.Limit);

        public ValueTask DisposeAsync() => Sandbox.DisposeAsync();

        private async Task LookAsync()
        {
            Looks++;
            var (from, to) = await LimitsAsync();
            Assert.True(from + to <= 150m, $"{from} and {to} are more than there was, after {string.Join(", ", Ways.Calls)}.");
        }

        private OpenRouterBillingClient Over(HttpMessageHandler handler, TimeProvider clock) => new(
            new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan },
            TestData.Options(options => (options.BaseAddress, options.ManagementKey, options.MaxRetries, options.AttemptTimeout) = (Sandbox.BaseAddress, Sandbox.ManagementKey, 0, AttemptTimeout)),
            clock);
    }
}
