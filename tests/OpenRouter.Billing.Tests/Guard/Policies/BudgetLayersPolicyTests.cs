using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>Which budgets bind a request, and how much of each is left, from layers that are told in any shape.</summary>
public sealed class BudgetLayersPolicyTests
{
    private const string Answer = """{"choices":[],"usage":{"cost":0.05}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EvaluateAsync_TwoLayersOfOneIdentity_AreOneLimitAndTheTighterOneHolds()
    {
        const string Roomy = """{"limit_usd":2,"remaining_usd":1.5,"reset_interval":"daily"}""";
        const string Tight = """{"limit_usd":1,"remaining_usd":0.08,"reset_interval":"daily"}""";
        foreach (var layers in new[] { $"{Roomy},{Tight}", $"{Tight},{Roomy}" })
        {
            using var world = new GuardedStub { KeyBody = WithLayers(layers) };
            await world.SpendAsync(Answer);

            var refusal = await world.IsRefusedHereAsync<BudgetExceededException>();

            Assert.Equal(0.03m, refusal.Remaining);
            Assert.Single(refusal.Verdict.Limits, limit => limit.Cause == BillingCause.GuardrailBudget);
        }
    }

    [Fact]
    public async Task SendAsync_LayerOfAnUnknownScopeNamesItsBudget_IsSharedByAllKeysThatNameIt()
    {
        using var world = new GuardedStub { KeyBody = WithLayers("""{"scope":"organization","limit_usd":1,"remaining_usd":0.10,"budget_id":"b1"}""") };
        await world.SpendAsync(Answer);
        await world.SpendAsync(Answer, GuardedStub.OtherKey);

        await world.IsRefusedHereAsync<BudgetExceededException>();
        await world.IsRefusedHereAsync<BudgetExceededException>(key: GuardedStub.OtherKey);
    }

    [Fact]
    public async Task EvaluateAsync_OnlyTheLayerThatBlocksFirstIsTold_StandsForAll()
    {
        const string Key = """{"data":{"limit":null,"limit_remaining":null,"usage":1,"effective_budget":{"scope":"workspace","limit_usd":1,"spend_usd":SPENT,"remaining_usd":LEFT}}}""";

        Assert.Equal(BillingCause.WorkspaceBudget, (await PolicyWorld.EvaluateAsync(Fill(Key, "1", "0"))).Refusal?.Cause);
        Assert.True((await PolicyWorld.EvaluateAsync(Fill(Key, "0.5", "0.5"))).IsAllowed);
    }

    [Fact]
    public async Task EvaluateAsync_LayerWhoseRestIsNotTold_IsNoPermissionToSpend()
    {
        var key = WithLayers("""{"scope":"workspace","limit_usd":1,"reset_interval":"daily"}""");

        Assert.Equal(BillingCause.Unavailable, (await PolicyWorld.EvaluateAsync(key)).Refusal?.Cause);
        Assert.True((await PolicyWorld.EvaluateAsync(key, configure: PolicyWorld.AllowUnavailable)).IsAllowed);
    }

    public static TheoryData<string, string> Resets
    {
        get
        {
            var resets = new TheoryData<string, string>();
            foreach (var interval in new[] { "null", "\"daily\"", "\"weekly\"", "\"monthly\"", "\"hourly\"" })
            {
                foreach (var instant in new[] { "0001-01-01T00:00:00Z", "0001-01-01T00:00:30Z", "1970-01-01T00:00:00Z", "2026-11-18T10:29:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.9999999Z" })
                {
                    resets.Add(interval, instant);
                }
            }

            return resets;
        }
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public async Task EvaluateAsync_ResetAtAnyInstant_WhatWasToldJustNowDecides(string interval, string resetsAt)
    {
        var layer = $$"""{"scope":"workspace","limit_usd":20,"remaining_usd":LEFT,"reset_interval":{{interval}},"resets_at":"{{resetsAt}}"}""";

        Assert.True((await PolicyWorld.EvaluateAsync(WithLayers(Fill(layer, "15", "5")))).IsAllowed);
        Assert.Equal(BillingCause.WorkspaceBudget, (await PolicyWorld.EvaluateAsync(WithLayers(Fill(layer, "20", "0")))).Refusal?.Cause);
    }

    [Theory]
    [InlineData("999999999999999999999999999", "-999999999999999999999999999", null)]
    [InlineData("-999999999999999999999999999", "999999999999999999999999999", BillingCause.WorkspaceBudget)]
    [InlineData("79228162514264337593543950335", "-79228162514264337593543950335", BillingCause.Unavailable)]
    public async Task EvaluateAsync_LargestAmounts_AreDecidedWithoutOverflow(string limit, string spent, BillingCause? cause) =>
        Assert.Equal(cause, (await PolicyWorld.EvaluateAsync(WithLayers($$"""{"scope":"workspace","limit_usd":{{limit}},"spend_usd":{{spent}}}"""))).Refusal?.Cause);

    [Theory]
    [InlineData("true", "true", 0.5)]
    [InlineData("true", null, 0.5)]
    [InlineData("true", "false", 0)]
    [InlineData("false", "true", 0)]
    [InlineData("null", "true", 0)]
    public async Task SendAsync_OwnProviderKeyWasUsed_CountsOnABudgetThatIncludesIt(string includes, string? isByok, double used)
    {
        using var world = new GuardedStub
        {
            KeyBody = WithLayers($$"""{"scope":"member","limit_usd":2,"remaining_usd":2,"reset_interval":"daily","include_byok":{{includes}}}"""),
        };

        await world.SpendAsync(PolicyWorld.ByokAnswer(isByok));

        var budget = (await world.Guard.EvaluateAsync(PolicyWorld.Paid, Cancellation)).Limits.Single(limit => limit.Cause == BillingCause.MemberBudget);
        Assert.Equal((decimal)used, budget.Used);
    }

    private static string Fill(string body, string spent, string left) =>
        body.Replace("SPENT", spent, StringComparison.Ordinal).Replace("LEFT", left, StringComparison.Ordinal);

    private static string WithLayers(string layers) => TestData.KeyBody.Replace("\"budgets\":[]", $"\"budgets\":[{layers}]", StringComparison.Ordinal);
}
