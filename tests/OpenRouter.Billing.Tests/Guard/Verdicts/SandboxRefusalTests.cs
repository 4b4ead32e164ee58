using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Tests.TestKit;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

/// <summary>What the guard could not foresee, because the account changed after it had looked, the server refuses in its own words.</summary>
public sealed class SandboxRefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendAsync_BalanceGoneMeanwhile_IsLearnedAndOpensAfterAPurchase()
    {
        await using var world = await StartAsync();
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance + 1);

        await RefusesAsync<InsufficientCreditsException>(world, BillingCause.AccountCredits);
        await RefusesWithoutSendingAsync<InsufficientCreditsException>(world, GuardedSandbox.FreeModel);
        world.Sandbox.Account.AddCredits(10);
        await world.AdvanceAsync(TimeSpan.FromSeconds(6));

        (await world.ChatAsync()).Dispose();
    }

    [Fact]
    public async Task SendAsync_OutputCapDearerThanTheBalance_SaysWhatIsAffordable()
    {
        await using var world = await StartAsync();
        var body = GuardedSandbox.ChatBody(maxTokens: 10_000);
        world.Sandbox.Account.Charge(world.Sandbox.Account.Balance - (world.Sandbox.Quote(body).MaximumCost / 2));

        var refusal = await RefusesAsync<InsufficientCreditsException>(world, BillingCause.AccountCredits, body);

        Assert.Equal(10_000, refusal.Verdict.RequestedTokens);
        Assert.InRange(refusal.Verdict.AffordableTokens!.Value, 1, 5_000);
    }

    [Fact]
    public async Task SendAsync_OutputCapDearerThanTheKeysCap_NamesTheKey()
    {
        await using var world = await StartAsync();
        var body = GuardedSandbox.ChatBody(maxTokens: 10_000);
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Limit = world.Sandbox.Quote(body).MaximumCost / 2 });

        var refusal = await RefusesAsync<KeyLimitExceededException>(world, BillingCause.KeyLimit, body, key.Secret);

        Assert.Equal("openrouter_key_limit", refusal.Verdict.LimitSource);
        Assert.NotNull(refusal.Verdict.AffordableTokens);
    }

    [Fact]
    public async Task SendAsync_HeavierThanTheInFlightBudget_IsNoMatterOfWaiting()
    {
        await using var world = await StartAsync(sandbox => sandbox.InFlightShare = 0.000_000_1m);

        var refusal = await RefusesAsync<InsufficientCreditsException>(world, BillingCause.AccountCredits, GuardedSandbox.ChatBody(maxTokens: 4000));

        Assert.False(refusal.Verdict.IsRetryable);
    }

    [Theory]
    [InlineData("member", BillingCause.MemberBudget)]
    [InlineData("workspace_default_member", BillingCause.MemberBudget)]
    [InlineData("api_key", BillingCause.GuardrailBudget)]
    [InlineData("workspace", BillingCause.WorkspaceBudget)]
    public async Task SendAsync_BudgetSpentMeanwhile_IsLearnedWithItsNumbers(string scope, BillingCause cause)
    {
        await using var world = await StartAsync();
        var key = world.Sandbox.Account.CreateKey(new SandboxKeyOptions { Budgets = { new SandboxBudget { Scope = scope, Limit = 1, ResetInterval = "monthly" } } });
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = key.Secret }, Cancellation);
        world.Sandbox.Account.Charge(1, key);

        var refusal = await RefusesAsync<BudgetExceededException>(world, cause, key: key.Secret);
        await RefusesWithoutSendingAsync<BudgetExceededException>(world, GuardedSandbox.FreeModel, key.Secret);

        Assert.Equal(0, refusal.Remaining);
        Assert.Equal(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero), refusal.OpensAt);
    }

    [Fact]
    public async Task SendAsync_FreeDayUsedUpElsewhere_HoldsUntilMidnight()
    {
        await using var world = await StartAsync();
        world.Sandbox.Account.SetFreeRequestsToday(1000);

        var refusal = await RefusesAsync<FreeModelQuotaExceededException>(world, BillingCause.FreeRequestsPerDay, GuardedSandbox.ChatBody(GuardedSandbox.FreeModel));
        await RefusesWithoutSendingAsync<FreeModelQuotaExceededException>(world, GuardedSandbox.FreeModel);
        (await world.ChatAsync()).Dispose();

        Assert.Equal((1000L, new DateTimeOffset(2026, 11, 19, 0, 0, 0, TimeSpan.Zero)), (refusal.Limit, refusal.ResetsAt));
    }

    [Fact]
    public async Task SendAsync_KeyDisabledMeanwhile_IsClosedUntilItWorksAgain()
    {
        await using var world = await StartAsync();
        var key = world.Sandbox.Account.CreateKey();
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel, ApiKey = key.Secret }, Cancellation);
        key.Disabled = true;

        await RefusesAsync<KeyNotAcceptedException>(world, BillingCause.Authentication, key: key.Secret);
        await RefusesWithoutSendingAsync<KeyNotAcceptedException>(world, GuardedSandbox.FreeModel, key.Secret);
        key.Disabled = false;
        await world.AdvanceAsync(TimeSpan.FromSeconds(6));

        (await world.ChatAsync(http: world.CreateClient(key.Secret))).Dispose();
    }

    private static async Task<GuardedSandbox> StartAsync(Action<OpenRouterSandboxOptions>? sandbox = null)
    {
        var world = await GuardedSandbox.StartAsync(sandbox, options => options.Guard.PaidRequestClaim = 0.000_001m);
        await world.Guard.EvaluateAsync(new BillableRequest { Model = GuardedSandbox.PaidModel }, Cancellation);
        return world;
    }

    private static async Task<T> RefusesAsync<T>(GuardedSandbox world, BillingCause cause, string? body = null, string? key = null)
        where T : BillingGuardException
    {
        var refusal = await Assert.ThrowsAsync<T>(() => world.ChatAsync(body, key is null ? world.Http : world.CreateClient(key)));
        Assert.Equal((cause, BillingVerdictOrigin.Answered), (refusal.Verdict.Cause, refusal.Verdict.Origin));
        Assert.Equal(1, world.Chats);
        // A real answer leads to its request, and the request to the key.
        Assert.Null(refusal.Response!.RequestMessage);
        return refusal;
    }

    private static async Task RefusesWithoutSendingAsync<T>(GuardedSandbox world, string model, string? key = null)
        where T : BillingGuardException
    {
        var requests = world.Sandbox.Requests.Total;
        var refusal = await Assert.ThrowsAsync<T>(() => world.ChatAsync(GuardedSandbox.ChatBody(model), key is null ? world.Http : world.CreateClient(key)));
        Assert.Equal(BillingVerdictOrigin.Remembered, refusal.Verdict.Origin);
        Assert.Equal(requests, world.Sandbox.Requests.Total);
    }
}
