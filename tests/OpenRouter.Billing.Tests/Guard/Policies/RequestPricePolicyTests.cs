using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>No single request costs more than the app pays for one.</summary>
public sealed class RequestPricePolicyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reserve_DearerThanTheCap_RefusesWithBothFigures()
    {
        using var world = new GuardedStub(options => options.Guard.MaxRequestCost = 0.04m);

        var refusal = await Assert.ThrowsAsync<RequestTooExpensiveException>(() => world.ChatAsync());

        Assert.Equal(0, world.Chats);
        Assert.Equal((0.04m, 0.05m), (refusal.Limit, refusal.Required));
        Assert.Null(refusal.OpensAt);
        Assert.False(refusal.Verdict.IsRetryable);
        Assert.Contains(refusal.Verdict.Limits, limit => limit.Cause == BillingCause.AccountCredits);
        Assert.StartsWith("The request may cost 0.05 USD, and at most 0.04 USD is paid for one (model some/model).", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reserve_ManyAtTheCap_AllPass()
    {
        using var world = new GuardedStub(options => options.Guard.MaxRequestCost = 0.05m);

        for (var sent = 0; sent < 5; sent++)
        {
            await world.Guard.ReserveAsync(PolicyWorld.Paid, Cancellation);
        }

        Assert.True((await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).IsAllowed);
    }

    [Fact]
    public async Task Reserve_CapMayBeLowered_LowersItToWhatOneRequestMayCost()
    {
        await using var world = await GuardedSandbox.StartAsync(options: options =>
        {
            options.Guard.Pricing = PricingMode.Catalogue;
            options.Guard.MaxRequestCost = 0.001m;
            options.Guard.LowerOutputCap = true;
        });

        using var response = await world.ChatAsync(GuardedSandbox.ChatBody(maxTokens: 100_000));
        var decision = await world.Guard.EvaluateAsync(
            new() { Model = GuardedSandbox.PaidModel, Prompt = new PromptSize { Bytes = 40 }, MaxOutputTokens = 10_000 }, Cancellation);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(BillingCause.RequestCost, decision.Refusal!.Cause);
        Assert.InRange(decision.Refusal.AffordableOutputTokens!.Value, 1000, 2000);
    }

    [Fact]
    public async Task Reserve_FreeRequest_IsNotCapped()
    {
        using var world = new GuardedStub(options => options.Guard.MaxRequestCost = 0.000001m);

        await world.PassesAsync(GuardedStub.FreeModel);
    }
}
