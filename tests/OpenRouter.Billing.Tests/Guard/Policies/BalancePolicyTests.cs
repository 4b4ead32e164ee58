using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Policies;

/// <summary>Balances of any size.</summary>
public sealed class BalancePolicyTests
{
    [Theory]
    [InlineData("999999999999999999999999999", "-999999999999999999999999999", null)]
    [InlineData("-999999999999999999999999999", "999999999999999999999999999", BillingCause.AccountCredits)]
    [InlineData("79228162514264337593543950335", "-79228162514264337593543950335", BillingCause.Unavailable)]
    [InlineData("-79228162514264337593543950335", "79228162514264337593543950335", BillingCause.Unavailable)]
    public async Task EvaluateAsync_LargestAmounts_AreDecidedWithoutOverflow(string credits, string usage, BillingCause? cause)
    {
        foreach (var floor in new[] { 0, 5, decimal.MaxValue / 2 })
        {
            var decision = await PolicyWorld.EvaluateAsync(
                TestData.KeyBody,
                $$$"""{"data":{"total_credits":{{{credits}}},"total_usage":{{{usage}}}}}""",
                options => options.Guard.MinimumBalance = floor);

            Assert.Equal(cause ?? (floor > 5 ? BillingCause.AccountCredits : null), decision.Refusal?.Cause);
        }
    }
}
