using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>Loops that run away are stopped, and come free again as the window slides on.</summary>
public sealed class RunawayLimitsPolicyTests
{
    private const string CostsThreeCents = """{"choices":[],"usage":{"cost":0.03}}""";

    [Fact]
    public async Task Reserve_TooManyRequests_RefusesUntilTheOldestIsOutOfTheWindow()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { Window = TimeSpan.FromSeconds(30), MaxRequests = 3 }));
        await world.PassesAsync();
        await world.AdvanceAsync(TimeSpan.FromSeconds(10));
        await world.PassesAsync(GuardedStub.FreeModel);
        await world.PassesAsync();

        var refusal = await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());

        Assert.Equal(3, refusal.Limit);
        Assert.Equal(3, refusal.Used);
        Assert.False(refusal.Verdict.IsRetryable);
        Assert.StartsWith("The runaway limit (30 s, App) is reached: 3 requests of 3 requests within the window", refusal.Message, StringComparison.Ordinal);
        await world.AdvanceAsync(refusal.ResetsAt!.Value - world.Clock.GetUtcNow());
        await world.PassesAsync();
        await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());
    }

    [Fact]
    public async Task Reserve_TooMuchSpent_RefusesWhatCostsOnly()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { MaxCost = 0.1m }));
        await world.SpendAsync(CostsThreeCents);
        await world.SpendAsync(CostsThreeCents);

        var refusal = await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());

        Assert.Equal(0.1m, refusal.Limit);
        Assert.Equal(0.06m, refusal.Used);
        Assert.Equal(LimitUnit.UsDollars, refusal.Verdict.Limit!.Unit);
        Assert.StartsWith("The runaway limit (60 s, App) does not cover this request: it may cost 0.05 USD, and 0.06 USD of 0.10 USD is used within the window", refusal.Message, StringComparison.Ordinal);
        await world.PassesAsync(GuardedStub.FreeModel);
    }

    [Fact]
    public async Task Reserve_HeldByRunningRequests_IsNotCalledRetryable()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { MaxCost = 0.07m }));
        await world.Guard.ReserveAsync(PolicyWorld.Paid, TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());

        Assert.False(BillingRetryAdvice.For(refusal.Verdict, world.Clock).ShouldRetry);
        Assert.Equal(0.05m, refusal.Used);
    }

    [Fact]
    public async Task Reserve_RequestAboveTheLimit_NeverOpens()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { MaxCost = 0.01m }));

        var refusal = await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());

        Assert.Null(refusal.ResetsAt);
    }

    [Fact]
    public async Task Reserve_ClockRanAheadAndWasSetBack_CountsTooMuchAndNeverTooLittle()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { Window = TimeSpan.FromSeconds(30), MaxRequests = 2 }));
        world.Clock.SetWallClock(TimeSpan.FromHours(1));
        await world.PassesAsync();
        world.Clock.SetWallClock(TimeSpan.FromHours(-1));
        await world.PassesAsync();
        await world.AdvanceAsync(TimeSpan.FromMinutes(2));

        await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());
        await world.AdvanceAsync(TimeSpan.FromHours(1));
        await world.PassesAsync();
    }

    [Fact]
    public async Task Reserve_PerKey_StopsOneLoopAndLeavesTheOthersAlone()
    {
        using var world = new GuardedStub(options => options.Guard.RunawayLimits.Add(new() { Per = Spender.Key, MaxRequests = 1 }));
        await world.PassesAsync();

        await Assert.ThrowsAsync<RunawayLimitExceededException>(() => world.ChatAsync());
        await world.PassesAsync(key: GuardedStub.OtherKey);
    }
}
