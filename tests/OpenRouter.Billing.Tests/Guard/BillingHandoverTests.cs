using System.Text;
using OpenRouter.Billing.Guard;

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
