using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Pricing;

/// <summary>Requests that ask for more output than the money affords, and go out with less.</summary>
public sealed class LowerOutputCapTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_CapTooHigh_IsLoweredOnTheWireOnly()
    {
        await using var world = await StartAsync(0.002m);
        var body = GuardedSandbox.ChatBody(maxTokens: 16_000);
        using var request = Request(body);
        var own = request.Content!;

        using var response = await world.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var sent = Sent(world);
        var cap = (int)JsonNode.Parse(sent)!["max_tokens"]!;
        Assert.InRange(cap, 3_000, 3_333);
        Assert.Equal(body, sent.Replace($"\"max_tokens\":{cap}", "\"max_tokens\":16000", StringComparison.Ordinal));
        Assert.Same(own, request.Content);
        Assert.Equal(body, await own.ReadAsStringAsync(Cancellation));
        Assert.Equal(Encoding.UTF8.GetByteCount(body), own.Headers.ContentLength);
    }

    [Fact]
    public async Task Send_CapTooHigh_IsLoweredWithoutAwaitingToo()
    {
        await using var world = await StartAsync(0.002m);
        using var request = Request(GuardedSandbox.ChatBody(maxTokens: 16_000));
        var own = request.Content;

        using var response = world.Http.Send(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange((int)JsonNode.Parse(Sent(world))!["max_tokens"]!, 3_000, 3_333);
        Assert.Same(own, request.Content);
    }

    [Fact]
    public async Task SendAsync_SentAgainAfterTopUp_AsksForItsOwnCapAgain()
    {
        await using var world = await StartAsync(0.002m);
        var first = GuardedSandbox.ChatBody(maxTokens: 16_000);
        using var lowered = await world.ChatAsync(first);
        world.Sandbox.Account.AddCredits(5);
        await world.AdvanceAsync(TimeSpan.FromMinutes(6));

        using var again = await world.ChatAsync(first);

        Assert.Equal(first, Sent(world));
    }

    [Fact]
    public async Task SendAsync_NoCapInTheBody_GetsOne()
    {
        await using var world = await StartAsync(0.002m);

        using var response = await world.ChatAsync("""{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}""");

        Assert.StartsWith("{\"max_tokens\":3", Sent(world), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(3_000, true)]
    [InlineData(4_000, false)]
    public async Task SendAsync_LessThanTheFloor_IsRefusedAfterAll(int floor, bool isSent)
    {
        await using var world = await StartAsync(0.002m, options => options.Guard.LeastOutputTokens = floor);

        var chat = world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000));

        if (isSent)
        {
            using var response = await chat;
            Assert.Equal(1, world.Chats);
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<InsufficientCreditsException>(() => chat);
            Assert.InRange(refusal.AffordableOutputTokens!.Value, 3_000, 3_333);
            Assert.Equal(0, world.Chats);
        }
    }

    [Fact]
    public async Task SendAsync_AffordableCap_LeavesTheBodyAlone()
    {
        await using var world = await StartAsync(0.002m);
        var body = GuardedSandbox.ChatBody(maxTokens: 16);

        using var response = await world.ChatAsync(body);

        Assert.Equal(body, Sent(world));
    }

    [Fact]
    public async Task SendAsync_CostWithoutBound_IsRefusedAndNotLowered()
    {
        await using var world = await StartAsync(0.002m);

        await Assert.ThrowsAsync<InsufficientCreditsException>(() => world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 16_000, extra: ",\"service_tier\":\"priority\"")));
    }

    [Fact]
    public async Task ReserveAsync_ByHand_TellsTheCapToThoseWhoSayThatTheyHonourIt()
    {
        await using var world = await StartAsync(0.002m);
        var request = new BillableRequest { Model = GuardedSandbox.PaidModel, Prompt = PromptSize.Of("hello"), MaxOutputTokens = 16_000 };

        await Assert.ThrowsAsync<InsufficientCreditsException>(async () => await world.Guard.ReserveAsync(request, Cancellation));
        var decision = await world.Guard.EvaluateAsync(request with { MayLowerOutputCap = true }, Cancellation);
        var lease = await world.Guard.ReserveAsync(request with { MayLowerOutputCap = true }, Cancellation);

        Assert.True(decision.IsAllowed);
        Assert.InRange(lease.OutputCap!.Value, 3_000, 3_333);
        Assert.Equal(lease.OutputCap, decision.OutputCap);
        Assert.InRange(lease.ClaimedCost, 0.0019m, 0.002m);
    }

    [Fact]
    public async Task SendAsync_ManyTogether_NeverSpendMoreThanThereIs()
    {
        await using var world = await StartAsync(0.01m, options => options.Guard.LeastOutputTokens = 1, sandbox => sandbox.OutputTokens = int.MaxValue);

        var chats = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            try
            {
                using var response = await world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 4_000));
                return response.StatusCode;
            }
            catch (InsufficientCreditsException)
            {
                return default;
            }
        }));

        Assert.Contains(HttpStatusCode.OK, chats);
        Assert.DoesNotContain(HttpStatusCode.PaymentRequired, chats);
        Assert.True(world.Sandbox.Account.LowestBalance >= 0, $"{world.Sandbox.Account.LowestBalance} USD");
    }

    private static Task<GuardedSandbox> StartAsync(decimal credits, Action<OpenRouterBillingOptions>? options = null, Action<OpenRouterSandboxOptions>? sandbox = null) =>
        GuardedSandbox.StartAsync(
            configured =>
            {
                configured.InitialCredits = credits;
                sandbox?.Invoke(configured);
            },
            configured =>
            {
                configured.Guard.Pricing = PricingMode.Catalogue;
                configured.Guard.LowerOutputCap = true;
                options?.Invoke(configured);
            });

    private static HttpRequestMessage Request(string body) =>
        new(HttpMethod.Post, new Uri("chat/completions", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static string Sent(GuardedSandbox world) => world.Sandbox.Requests.Latest.Last(request => request.Route == GuardedSandbox.ChatRoute).Body;
}
