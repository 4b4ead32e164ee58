namespace OpenRouter.Billing.Sql.Tests;

/// <summary>Every change of the public surface shows in the diff of PublicApi.txt.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsAsApproved() =>
        PublicSurface.AssertApproved(typeof(SqlBillingLedger).Assembly, "tests/OpenRouter.Billing.Sql.Tests/PublicApi.txt");

    [Fact]
    public void PublicSurface_Now_DependsOnNoDriver() =>
        Assert.DoesNotContain(typeof(SqlBillingLedger).Assembly.GetReferencedAssemblies(), assembly => assembly.Name!.Contains("Npgsql", StringComparison.Ordinal) || assembly.Name.Contains("Sqlite", StringComparison.Ordinal));
}
