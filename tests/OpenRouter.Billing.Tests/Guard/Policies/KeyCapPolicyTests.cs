using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Guard.Verdicts;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>What a key's own figures allow, however little of them is told.</summary>
public sealed class KeyCapPolicyTests
{
    [Theory]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":{"label":"old","usage":1}}""")]
    [InlineData("""{"data":{"usage":1,"limit_remaining":null,"budgets":[]}}""")]
    public async Task EvaluateAsync_NothingIsSaidAboutTheCap_IsNoPermissionToSpend(string key)
    {
        Assert.Equal(BillingCause.Unavailable, (await PolicyWorld.EvaluateAsync(key)).Refusal?.Cause);
        Assert.True((await PolicyWorld.EvaluateAsync(key, configure: PolicyWorld.AllowUnavailable)).IsAllowed);
    }

    [Theory]
    [InlineData("0.05", null)]
    [InlineData("0.049999999", BillingCause.KeyLimit)]
    [InlineData("0", BillingCause.KeyLimit)]
    [InlineData("-1", BillingCause.KeyLimit)]
    public async Task EvaluateAsync_OnlyWhatIsLeftIsTold_Decides(string left, BillingCause? cause) =>
        Assert.Equal(cause, (await PolicyWorld.EvaluateAsync($$$"""{"data":{"limit_remaining":{{{left}}},"usage":1}}""")).Refusal?.Cause);

    [Fact]
    public async Task EvaluateAsync_OnlyTheLayerOfTheCapIsToldAndHasRoom_IsAllowed() =>
        Assert.True((await PolicyWorld.EvaluateAsync("""{"data":{"usage":1,"budgets":[{"scope":"key_limit","limit_usd":1,"spend_usd":0.2,"remaining_usd":0.8}]}}""")).IsAllowed);

    [Fact]
    public async Task EvaluateAsync_OnlyTheLayerOfTheCapIsTold_BindsAlsoWhereUnknownLimitsDoNot()
    {
        const string Key = """{"data":{"usage":1,"budgets":[{"scope":"key_limit","limit_usd":1,"spend_usd":1,"remaining_usd":0}]}}""";

        Assert.False((await PolicyWorld.EvaluateAsync(Key)).IsAllowed);
        var refusal = (await PolicyWorld.EvaluateAsync(Key, configure: PolicyWorld.AllowUnavailable)).Refusal;

        Assert.Equal(BillingCause.KeyLimit, refusal?.Cause);
        Assert.Equal(0, refusal?.Limit?.Remaining);
    }

    [Theory]
    [InlineData("true", "true", 0.5)]
    [InlineData("true", null, 0.5)]
    [InlineData("true", "false", 0)]
    [InlineData("false", "true", 0)]
    [InlineData("false", null, 0)]
    [InlineData("null", "true", 0)]
    public async Task SendAsync_OwnProviderKeyWasUsed_CountsOnACapThatIncludesIt(string includes, string? isByok, double used)
    {
        using var world = new GuardedStub
        {
            KeyBody = $$$"""{"data":{"limit":2,"limit_remaining":2,"limit_reset":null,"include_byok_in_limit":{{{includes}}},"usage":0,"is_free_tier":false}}""",
        };

        await world.SpendAsync(PolicyWorld.ByokAnswer(isByok));

        var limits = (await world.Guard.EvaluateAsync(PolicyWorld.Paid, TestContext.Current.CancellationToken)).Limits;
        Assert.Equal((decimal)used, limits.Single(limit => limit.Cause == BillingCause.KeyLimit).Used);
        Assert.Equal(0, limits.Single(limit => limit.Cause == BillingCause.AccountCredits).Used);
    }

    [Fact]
    public async Task SendAsync_OwnProviderKeyUsedUpTheCap_IsRefused()
    {
        using var world = new GuardedStub
        {
            KeyBody = """{"data":{"limit":1,"limit_remaining":1,"limit_reset":null,"include_byok_in_limit":true,"usage":0,"is_free_tier":false}}""",
        };
        await world.SpendAsync(PolicyWorld.ByokAnswer("true"));
        await world.SpendAsync(PolicyWorld.ByokAnswer("true"));

        await world.IsRefusedHereAsync<KeyLimitExceededException>();

        Assert.Equal(2, world.Chats);
    }

    [Fact]
    public async Task EvaluateAsync_LargestAmounts_AreDecidedWithoutOverflow()
    {
        const string Key = """{"data":{"limit":SIGN999999999999999999999999999,"limit_reset":null,"usage":-SIGN999999999999999999999999999}}""";

        Assert.True((await PolicyWorld.EvaluateAsync(Key.Replace("-SIGN", "-", StringComparison.Ordinal).Replace("SIGN", "", StringComparison.Ordinal))).IsAllowed);
        Assert.Equal(
            BillingCause.KeyLimit,
            (await PolicyWorld.EvaluateAsync(Key.Replace("-SIGN", "", StringComparison.Ordinal).Replace("SIGN", "-", StringComparison.Ordinal))).Refusal?.Cause);
    }

    [Fact]
    public async Task EvaluateAsync_AmountBeyondMeaning_IsNoPermissionToSpend() =>
        Assert.Equal(
            BillingCause.Unavailable,
            (await PolicyWorld.EvaluateAsync("""{"data":{"limit":79228162514264337593543950335,"usage":-79228162514264337593543950335}}""")).Refusal?.Cause);
}
