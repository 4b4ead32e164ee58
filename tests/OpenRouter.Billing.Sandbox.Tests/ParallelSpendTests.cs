namespace OpenRouter.Billing.Sandbox.Tests;

public sealed class ParallelSpendTests
{
    // One request costs 0.0000105 and may cost 0.0000609.
    private const decimal EnoughForOne = 0.000061m;

    [Fact]
    public async Task Chat_WithoutInFlightBudget_LetsParallelRequestsOverspend()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options => options.InitialCredits = EnoughForOne);
        SandboxFault gate = fixture.Sandbox.Faults.Add("POST /chat/completions", SandboxFault.Gate());
        Task<Reply>[] running = [.. Enumerable.Range(0, 10).Select(_ => fixture.PostAsync(SandboxFixture.Chat()))];
        await gate.WaitUntilHeldAsync(10, SandboxFixture.Cancelled);
        decimal whileRunning = fixture.Account.TotalUsage;

        gate.Release();
        Reply[] replies = await Task.WhenAll(running);

        Assert.Equal(0m, whileRunning);
        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(EnoughForOne - 0.000105m, fixture.Account.Balance);
        Assert.Equal(fixture.Account.Balance, fixture.Account.LowestBalance);
        Assert.Equal(402, (await fixture.PostAsync(SandboxFixture.Chat())).Status);
    }

    [Fact]
    public async Task Chat_BeyondInFlightBudget_Is402WithRetryAfter()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options =>
        {
            options.InitialCredits = EnoughForOne * 4;
            options.InFlightShare = 0.5m;
            options.InFlightRetryAfter = TimeSpan.FromSeconds(119.5);
        });
        SandboxFault gate = fixture.Sandbox.Faults.Add("POST /chat/completions", SandboxFault.Gate());
        Task<Reply>[] running = [fixture.PostAsync(SandboxFixture.Chat()), fixture.PostAsync(SandboxFixture.Chat())];
        await gate.WaitUntilHeldAsync(2, SandboxFixture.Cancelled);

        Reply refused = await fixture.PostAsync(SandboxFixture.Chat());
        gate.Release();
        await Task.WhenAll(running);
        Reply afterwards = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal(402, refused.Status);
        Assert.StartsWith("This request would exceed your available credits given your current in-flight requests.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("openrouter_in_flight_budget", refused.LimitSource);
        Assert.Equal("in_flight_budget_exhausted", (string?)refused.Metadata!["reason"]);
        Assert.Equal("120", (string?)refused.Metadata["headers"]!["Retry-After"]);
        Assert.Equal("120", refused.Headers["Retry-After"]);
        Assert.Equal(200, afterwards.Status);
    }

    [Fact]
    public async Task Chat_HeavierThanWholeInFlightBudget_IsAnAccountVerdict()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options =>
        {
            options.InitialCredits = EnoughForOne;
            options.InFlightShare = 0.5m;
        });

        Reply reply = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal((402, "openrouter_credits"), (reply.Status, reply.LimitSource));
        Assert.Equal("weight_exceeds_budget", (string?)reply.Metadata!["reason"]);
        Assert.DoesNotContain("Retry-After", reply.Headers.Keys);
    }

    [Fact]
    public async Task Chat_WhileCostsSettle_StillCountsThem()
    {
        await using SandboxFixture fixture = await SandboxFixture.StartAsync(options =>
        {
            options.InitialCredits = EnoughForOne * 2;
            options.InFlightShare = 0.55m;
            options.InFlightSettling = TimeSpan.FromSeconds(20);
        });
        await fixture.PostAsync(SandboxFixture.Chat());

        Reply settling = await fixture.PostAsync(SandboxFixture.Chat());
        fixture.Clock.Advance(TimeSpan.FromSeconds(20));
        Reply settled = await fixture.PostAsync(SandboxFixture.Chat());

        Assert.Equal(("openrouter_in_flight_budget", 200), (settling.LimitSource, settled.Status));
    }
}
