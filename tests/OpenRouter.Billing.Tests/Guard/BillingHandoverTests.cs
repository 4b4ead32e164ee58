using System.Text;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Settlement;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard;

/// <summary>One claim for a request that is guarded above and below: taken over, replaced, or left to whoever offered it.</summary>
public sealed class BillingHandoverTests
{
    private const string Ascii = "Say hello to the newcomer, and to all.";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_WhatIsAskedIsWhatWasClaimed_TakesTheLeaseOverAndBooksItOnce()
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());

        await world.ChatAsync(handover, GuardedSandbox.ChatBody());

        Assert.True(handover.IsTaken);
        Assert.Equal(1, world.Guard.Asked);
        Assert.Equal(world.Sandbox.Account.TotalUsage, handover.Lease.SettledCost);
        await world.NothingIsHeldAndBookedAsync(world.Sandbox.Account.TotalUsage);
    }

    [Theory]
    [InlineData(GuardedSandbox.PaidModel, 17)]
    [InlineData("openai/gpt-5-nano", 16)]
    public async Task Send_MoreOrOtherThanWasClaimed_GivesTheLeaseBackAndReservesAnew(string model, int maxTokens)
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());
        var offered = handover.Lease;

        await world.ChatAsync(handover, GuardedSandbox.ChatBody(model, maxTokens));

        Assert.True(handover.IsTaken);
        Assert.Equal(2, world.Guard.Asked);
        Assert.NotSame(offered, handover.Lease);
        Assert.Null(offered.SettledCost);
        await world.NothingIsHeldAndBookedAsync(world.Sandbox.Account.TotalUsage);
    }

    [Fact]
    public async Task Send_LessThanWasClaimed_TakesTheLeaseOver()
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody(maxTokens: 500));

        await world.ChatAsync(handover, GuardedSandbox.ChatBody(maxTokens: 16));

        Assert.Equal((true, 1), (handover.IsTaken, world.Guard.Asked));
    }

    [Fact]
    public async Task Send_SecondRequestBelow_ReservesForItself()
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());

        await world.ChatAsync(handover, GuardedSandbox.ChatBody());
        await world.ChatAsync(handover, GuardedSandbox.ChatBody());

        Assert.Equal(2, world.Guard.Asked);
        await world.NothingIsHeldAndBookedAsync(world.Sandbox.Account.TotalUsage);
    }

    [Fact]
    public async Task Send_AfterTheOfferIsOver_ReservesForItself()
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());
        Task late;
        var gate = new TaskCompletionSource();
        using (handover.Begin())
        {
            // Started inside, so that it sees the offer; runs on when that is over.
            late = SendLaterAsync();
        }

        gate.SetResult();
        await late;

        Assert.Equal((false, 2), (handover.IsTaken, world.Guard.Asked));

        async Task SendLaterAsync()
        {
            await gate.Task;
            (await world.PostAsync(GuardedSandbox.ChatBody())).Dispose();
        }
    }

    [Fact]
    public async Task Send_LeaseOfAnotherGuard_IsLeftAlone()
    {
        await using var world = await World.StartAsync();
        var other = new CountingGuard(world.Guard);
        var request = BillableRequest.FromBody(Encoding.UTF8.GetBytes(GuardedSandbox.ChatBody()));
        var handover = new BillingHandover(other, request, await other.ReserveAsync(request, Cancellation));

        await world.ChatAsync(handover, GuardedSandbox.ChatBody());

        Assert.False(handover.IsTaken);
    }

    [Fact]
    public async Task Send_NothingBelowIsGuarded_LeavesTheLeaseToItsOwner()
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());

        using (handover.Begin())
        {
            using var http = new HttpClient { BaseAddress = world.Sandbox.BaseAddress };
            using var answer = await http.GetAsync(new Uri("models", UriKind.Relative), Cancellation);
        }

        Assert.False(handover.IsTaken);
        await handover.Lease.SettleAsync(0.002m, Cancellation);
        Assert.Equal(0.002m, handover.Lease.SettledCost);
    }

    [Fact]
    public async Task Send_ReservingAnewIsRefused_ThrowsAndHoldsNothing()
    {
        await using var world = await World.StartAsync();
        world.Sandbox.Account.Charge(9.9m);
        var handover = await world.OfferAsync(GuardedSandbox.ChatBody());

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(handover, GuardedSandbox.ChatBody("openai/gpt-5.2", 100_000_000)));

        Assert.True(handover.IsTaken);
        Assert.Equal(0, world.Chats);
        await world.NothingIsHeldAndBookedAsync(0);
    }

    [Theory]
    [InlineData("\"max_tool_calls\":1", "\"" + Ascii + "\"", true)]
    [InlineData("\"max_tool_calls\":1", "\"short\"", true)]
    [InlineData("\"max_tool_calls\":1", "\"ééééééééééééééééééé\"", false)]
    [InlineData("\"max_tool_calls\":1", "\"a\",\"b\",\"c\",\"d\"", false)]
    [InlineData("\"max_tool_calls\":1,\"tools\":[{\"name\":\"f\"}]", "\"short\"", false)]
    [InlineData("\"max_tool_calls\":2", "\"short\"", false)]
    public async Task ReserveAsync_NoLongerThanWasClaimed_TakesOverOnlyWhatHasNoMoreTokensOrSteps(string settings, string messages, bool takesOver)
    {
        await using var world = await World.StartAsync();
        var handover = await world.OfferAsync(Body("\"max_tool_calls\":1", "\"" + Ascii + "\""));
        var offered = handover.Lease;

        using (handover.Begin())
        {
            await BillingHandover.ReserveAsync(world.Guard, BillableRequest.FromBody(Encoding.UTF8.GetBytes(Body(settings, messages))), Cancellation);
        }

        Assert.Equal(takesOver, ReferenceEquals(offered, handover.Lease));

        static string Body(string settings, string messages) => $$"""{"model":"{{GuardedSandbox.PaidModel}}","max_tokens":16,{{settings}},"messages":[{{messages}}]}""";
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, TestData.ApiKey, true)]
    [InlineData(TestData.ApiKey, null, true)]
    [InlineData(null, GuardedStub.OtherKey, false)]
    [InlineData(GuardedStub.OtherKey, null, false)]
    [InlineData(GuardedStub.OtherKey, GuardedStub.OtherKey, true)]
    [InlineData(GuardedStub.OtherKey, TestData.ApiKey, false)]
    public async Task ReserveAsync_KeyOfTheRequest_IsTheUsualOneWhereItNamesNone(string? claimed, string? asked, bool takesOver) =>
        Assert.Equal(takesOver, await TakesOverAsync(new() { Model = "a/b", ApiKey = claimed }, new() { Model = "a/b", ApiKey = asked }));

    [Theory]
    [InlineData("search", null, true)]
    [InlineData("search", "search", true)]
    [InlineData("search", "chat", false)]
    [InlineData(null, "search", false)]
    public async Task ReserveAsync_OnWhoseBehalf_IsTheClaimsWhereTheRequestSaysNothing(string? claimed, string? asked, bool takesOver)
    {
        Assert.Equal(takesOver, await TakesOverAsync(new() { Model = "a/b", Scope = Scope(claimed) }, new() { Model = "a/b", Scope = Scope(asked) }));

        static BillingScope? Scope(string? project) => project is null ? null : new BillingScope { Project = project };
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(16, false)]
    [InlineData(null, false)]
    public async Task ReserveAsync_LeaseWithALoweredCap_CoversNoMoreThanThat(int? asked, bool takesOver) =>
        Assert.Equal(takesOver, await TakesOverAsync(new() { Model = "a/b", MaxOutputTokens = 16 }, new() { Model = "a/b", MaxOutputTokens = asked }, outputCap: 10));

    [Fact]
    public async Task Dispose_OuterOfferBeforeTheInner_LeavesTheInner()
    {
        var guard = new LeasingGuard();
        var request = new BillableRequest { Model = "a/b" };
        var outer = new BillingHandover(guard, request, await guard.ReserveAsync(request, Cancellation));
        var inner = new BillingHandover(guard, request, await guard.ReserveAsync(request, Cancellation));

        var first = outer.Begin();
        using (inner.Begin())
        {
            first.Dispose();

            Assert.Same(inner.Lease, await BillingHandover.ReserveAsync(guard, request, Cancellation));
        }

        Assert.Equal((false, true), (outer.IsTaken, inner.IsTaken));
    }

    [Fact]
    public async Task AnyCall_WithoutWhatItNeeds_Throws()
    {
        var guard = new LeasingGuard();
        var request = new BillableRequest();
        var lease = await guard.ReserveAsync(request, Cancellation);

        Assert.Throws<ArgumentNullException>("guard", () => new BillingHandover(null!, request, lease));
        Assert.Throws<ArgumentNullException>("request", () => new BillingHandover(guard, null!, lease));
        Assert.Throws<ArgumentNullException>("lease", () => new BillingHandover(guard, request, null!));
        await Assert.ThrowsAsync<ArgumentNullException>("guard", async () => await BillingHandover.ReserveAsync(null!, request, Cancellation));
        await Assert.ThrowsAsync<ArgumentNullException>("request", async () => await BillingHandover.ReserveAsync(guard, null!, Cancellation));
    }

    private static async Task<bool> TakesOverAsync(BillableRequest claimed, BillableRequest asked, long? outputCap = null)
    {
        var guard = new LeasingGuard();
        var offered = new BillingLease(new InMemoryBillingLedger(new ManualTimeProvider()), null, LeasingGuard.ClaimedCost) { OutputCap = outputCap };
        var handover = new BillingHandover(guard, claimed, offered);
        using (handover.Begin())
        {
            var lease = await BillingHandover.ReserveAsync(guard, asked, TestData.ApiKey, Cancellation);
            Assert.Same(handover.Lease, lease);
            Assert.Equal(ReferenceEquals(offered, lease) ? 0 : 1, guard.Asked.Count);
            return ReferenceEquals(offered, lease);
        }
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly GuardedSandbox _sandbox;
        private readonly HttpClient _http;

        private World(GuardedSandbox sandbox)
        {
            _sandbox = sandbox;
            Guard = new CountingGuard(sandbox.Guard);
            _http = new HttpClient(new BillingGuardHandler(Guard, sandbox.Options) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = sandbox.Sandbox.BaseAddress };
            _http.DefaultRequestHeaders.Authorization = new("Bearer", sandbox.Sandbox.ApiKey);
        }

        public CountingGuard Guard { get; }

        public Sandbox.OpenRouterSandbox Sandbox => _sandbox.Sandbox;

        public int Chats => _sandbox.Chats;

        public static async Task<World> StartAsync() => new(await GuardedSandbox.StartAsync(options: options => options.Guard.Pricing = PricingMode.Catalogue));

        public async Task<BillingHandover> OfferAsync(string body)
        {
            var request = BillableRequest.FromBody(Encoding.UTF8.GetBytes(body));
            return new BillingHandover(Guard, request, await Guard.ReserveAsync(request, Cancellation));
        }

        public async Task ChatAsync(BillingHandover handover, string body)
        {
            using (handover.Begin())
            {
                (await PostAsync(body)).Dispose();
            }
        }

        public Task<HttpResponseMessage> PostAsync(string body) => _sandbox.ChatAsync(body, _http);

        public async Task NothingIsHeldAndBookedAsync(decimal cost)
        {
            var decision = await _sandbox.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel }, Cancellation);
            var balance = decision.Limits.Single(limit => limit.Cause == BillingCause.AccountCredits);
            Assert.Equal((cost, 0m), (balance.Used, balance.Held));
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _sandbox.DisposeAsync();
        }
    }
}
