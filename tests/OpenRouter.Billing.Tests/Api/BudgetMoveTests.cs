using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Api;

public sealed class BudgetMoveTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MoveBudgetAsync_NothingFails_LowersOneAndRaisesTheOther()
    {
        await using var fixture = await Pair.StartAsync();
        var move = await fixture.MoveAsync(30m);
        Assert.Equal((70m, 80m, 100m, 50m), (move.FromLimit, move.ToLimit, move.FromLimitBefore, move.ToLimitBefore));
        Assert.Equal((70m, 80m), await fixture.LimitsAsync());
        var puts = fixture.Sandbox.Requests.Latest.Where(request => request.Method == "PUT").TakeLast(2).Select(request => request.Path);
        Assert.Equal(["/workspaces/giver/budgets/monthly", "/workspaces/taker/budgets/monthly"], puts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task MoveBudgetAsync_ChangeFailsInAnyWay_NeverAllotsTwiceAndSaysWhatStands(int step)
    {
        await using var fixture = await Pair.StartAsync();
        var (undone, failed) = (0, 0);
        foreach (var (name, fault) in SandboxFaultKit.OfWrites)
        {
            await fixture.ResetAsync();
            fixture.Sandbox.Faults.Add($"PUT /workspaces/{(step == 1 ? "giver" : "taker")}/budgets/monthly", fault(), times: 1);
            var exception = await fixture.CheckAsync(name);
            failed += exception is null ? 0 : 1;
            undone += exception is { IsUndone: true } ? 1 : 0;
        }

        Assert.True(failed >= 19, $"Only {failed} faults made a move fail.");
        Assert.True(undone >= 10, $"Only {undone} moves were undone.");
        TestContext.Current.TestOutputHelper?.WriteLine($"Change {step}: {SandboxFaultKit.OfWrites.Count} faults, {failed} failed, {undone} undone.");
    }

    [Fact]
    public async Task MoveBudgetAsync_UndoingFailsInAnyWayToo_NeverAllotsTwiceAndSaysWhatStands()
    {
        await using var fixture = await Pair.StartAsync();
        foreach (var (name, fault) in SandboxFaultKit.OfWrites)
        {
            await fixture.ResetAsync();
            fixture.Sandbox.Faults.Add("PUT /workspaces/taker/budgets/monthly", SandboxFault.Answer(400, """{"error":{"code":400,"message":"no"}}"""), times: 1);
            // The second change of the giver is the one that undoes.
            fixture.Sandbox.Faults.Add("PUT /workspaces/giver/budgets/monthly", fault(), times: 1, when: request => request.Body.Contains("100", StringComparison.Ordinal));
            Assert.NotNull(await fixture.CheckAsync(name));
        }
    }

    [Fact]
    public async Task MoveBudgetAsync_SecondCannotBeReadBack_LeavesTheFirstLowered()
    {
        await using var fixture = await Pair.StartAsync();
        fixture.Sandbox.Faults.Add("PUT /workspaces/taker/budgets/monthly", SandboxFault.Disconnect(billed: true), times: 1);
        fixture.Sandbox.Faults.Add("GET /workspaces/taker/budgets/monthly", SandboxFault.Answer(503, "{}"));
        var exception = await Assert.ThrowsAsync<BudgetMoveException>(() => fixture.MoveAsync(30m));
        Assert.Equal((70m, null), (exception.Move.FromLimit, exception.Move.ToLimit));
        Assert.Contains("unknown", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(150)]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task MoveBudgetAsync_AmountOutOfRange_ChangesNothing(int amount)
    {
        await using var fixture = await Pair.StartAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => fixture.MoveAsync(amount));
        Assert.Equal((100m, 50m), await fixture.LimitsAsync());
    }

    [Fact]
    public async Task MoveBudgetAsync_OrderWouldBreak_NamesThePairAndChangesNothing()
    {
        await using var fixture = await Pair.StartAsync();
        await fixture.Client.Workspaces.Budgets.SetAsync("giver", BudgetInterval.Weekly, 80m, cancellationToken: Cancelled);
        var giving = await Assert.ThrowsAsync<BudgetOrderException>(() => fixture.MoveAsync(20m));
        Assert.Equal((BudgetInterval.Monthly, 80m, BudgetInterval.Weekly, 80m), (giving.Longer, giving.LongerLimit, giving.Shorter, giving.ShorterLimit));
        await fixture.Client.Workspaces.Budgets.SetAsync("taker", BudgetInterval.Lifetime, 60m, cancellationToken: Cancelled);
        var taking = await Assert.ThrowsAsync<BudgetOrderException>(() => fixture.MoveAsync(15m));
        Assert.Equal((BudgetInterval.Lifetime, 60m, BudgetInterval.Monthly, 65m), (taking.Longer, taking.LongerLimit, taking.Shorter, taking.ShorterLimit));
        Assert.Equal((100m, 50m), await fixture.LimitsAsync());
    }

    [Fact]
    public async Task MoveBudgetAsync_SameWorkspaceByTwoNamesOrNoBudget_ChangesNothing()
    {
        await using var fixture = await Pair.StartAsync();
        var giver = await fixture.Client.Workspaces.GetAsync("giver", Cancelled);
        await Assert.ThrowsAsync<ArgumentException>("toWorkspace", () => fixture.Client.Workspaces.MoveBudgetAsync("giver", giver.Id, BudgetInterval.Monthly, 10m, Cancelled));
        var missing = await Assert.ThrowsAsync<ArgumentException>(() => fixture.Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Daily, 10m, Cancelled));
        Assert.Contains("daily", missing.Message, StringComparison.Ordinal);
        Assert.Equal((100m, 50m), await fixture.LimitsAsync());
    }

    [Fact]
    public async Task SetAsync_OrderWouldBreak_IsRefusedBeforeSendingAndByTheServerAlike()
    {
        await using var fixture = await Pair.StartAsync();
        var exception = await Assert.ThrowsAsync<BudgetOrderException>(() => fixture.Client.Workspaces.Budgets.SetAsync("giver", BudgetInterval.Weekly, 100m, cancellationToken: Cancelled));
        Assert.Contains("weekly budget of 100", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Sandbox.Requests.Count("PUT /workspaces/giver/budgets/weekly"));
    }

    [Fact]
    public async Task Budgets_OfAWorkspaceWithoutAny_AreNone()
    {
        await using var fixture = await Pair.StartAsync();
        await fixture.Client.Workspaces.CreateAsync(new WorkspaceDraft { Name = "Bare", Slug = "bare" }, Cancelled);
        var budgets = fixture.Client.Workspaces.Budgets;
        Assert.Empty((await budgets.ListAsync("bare", Cancelled)).Budgets);
        Assert.Null(await budgets.GetAsync("bare", BudgetInterval.Daily, Cancelled));
        await budgets.DeleteAsync("bare", BudgetInterval.Daily, Cancelled);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await Assert.ThrowsAsync<OpenRouterApiException>(() => budgets.ListAsync("nowhere", Cancelled))).StatusCode);
    }

    private sealed class Pair : IAsyncDisposable
    {
        public required OpenRouterSandbox Sandbox { get; init; }

        public required OpenRouterBillingClient Client { get; init; }

        public static async Task<Pair> StartAsync()
        {
            var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancelled);
            var client = new OpenRouterBillingClient(
                new HttpClient(new SocketsHttpHandler()),
                TestData.Options(options => (options.BaseAddress, options.ManagementKey, options.MaxRetries) = (sandbox.BaseAddress, sandbox.ManagementKey, 0)));
            foreach (var slug in new[] { "giver", "taker" })
            {
                await client.Workspaces.CreateAsync(new WorkspaceDraft { Name = slug, Slug = slug }, Cancelled);
            }

            var pair = new Pair { Sandbox = sandbox, Client = client };
            await pair.ResetAsync();
            return pair;
        }

        public async Task ResetAsync()
        {
            Sandbox.Faults.Clear();
            await Client.Workspaces.Budgets.SetAsync("giver", BudgetInterval.Monthly, 100m, cancellationToken: Cancelled);
            await Client.Workspaces.Budgets.SetAsync("taker", BudgetInterval.Monthly, 50m, cancellationToken: Cancelled);
        }

        public Task<BudgetMove> MoveAsync(decimal amount) => Client.Workspaces.MoveBudgetAsync("giver", "taker", BudgetInterval.Monthly, amount, Cancelled);

        public async Task<(decimal? From, decimal? To)> LimitsAsync()
        {
            Sandbox.Faults.Clear();
            return ((await Client.Workspaces.Budgets.GetAsync("giver", BudgetInterval.Monthly, Cancelled))?.Limit, (await Client.Workspaces.Budgets.GetAsync("taker", BudgetInterval.Monthly, Cancelled))?.Limit);
        }

        public async Task<BudgetMoveException?> CheckAsync(string name)
        {
            BudgetMoveException? failure = null;
            BudgetMove move;
            try
            {
                move = await MoveAsync(30m);
            }
            catch (BudgetMoveException exception)
            {
                (failure, move) = (exception, exception.Move);
            }

            var (from, to) = await LimitsAsync();
            Assert.True(from + to <= 150m, $"{name}: {from} and {to} are more than there was.");
            Assert.True(move.FromLimit is null || move.FromLimit == from, $"{name}: the first is said to stand at {move.FromLimit} and stands at {from}.");
            Assert.True(move.ToLimit is null || move.ToLimit == to, $"{name}: the second is said to stand at {move.ToLimit} and stands at {to}.");
            Assert.True(failure is not null || (from, to) == (70m, 80m), $"{name}: no failure, but {from} and {to}.");
            return failure;
        }

        public ValueTask DisposeAsync() => Sandbox.DisposeAsync();
    }
}
