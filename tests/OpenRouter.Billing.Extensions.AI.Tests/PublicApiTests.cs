namespace OpenRouter.Billing.Extensions.AI.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsAsApproved() =>
        PublicSurface.AssertApproved(typeof(BillingGuardChatClient).Assembly, "tests/OpenRouter.Billing.Extensions.AI.Tests/PublicApi.txt");

    [Fact]
    public void PublicTypes_All_AreSealedAndDependOnTheAbstractionsOnly()
    {
        var library = typeof(BillingGuardChatClient).Assembly;

        Assert.All(library.GetExportedTypes(), type => Assert.True(type.IsSealed, type.Name));
        Assert.Equal(["Microsoft.Extensions.AI.Abstractions"], library.GetReferencedAssemblies().Select(reference => reference.Name).Where(name => name!.StartsWith("Microsoft.Extensions.AI", StringComparison.Ordinal)));
    }
}
