namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsAsApproved() =>
        PublicSurface.AssertApproved(typeof(Forecast).Assembly, "tests/OpenRouter.Billing.Foresight.Tests/PublicApi.txt");
}
