namespace OpenRouter.Billing.AspNetCore.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsAsApproved() =>
        PublicSurface.AssertApproved(typeof(BillingScopeSource).Assembly, "tests/OpenRouter.Billing.AspNetCore.Tests/PublicApi.txt");

    [Fact]
    public void PublicTypes_All_AreSealedOrStatic() =>
        Assert.All(typeof(BillingScopeSource).Assembly.GetExportedTypes(), type => Assert.True(type.IsSealed, type.Name));
}
