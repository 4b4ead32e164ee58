namespace OpenRouter.Billing.Sandbox.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsAsApproved() =>
        PublicSurface.AssertApproved(typeof(OpenRouterSandbox).Assembly, "tests/OpenRouter.Billing.Sandbox.Tests/PublicApi.txt");

    [Fact]
    public void PublicTypes_All_AreSealedAndInOneNamespace()
    {
        var types = typeof(OpenRouterSandbox).Assembly.GetExportedTypes();

        Assert.All(types, type => Assert.True(type.IsSealed, type.Name));
        Assert.Equal(["OpenRouter.Billing.Sandbox"], types.Select(type => type.Namespace).Distinct());
    }
}
