namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>The tests that share the packages and the machine's two hands, one after another.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // it is one
public sealed class PackageCollection : ICollectionFixture<PackageFeed>
#pragma warning restore CA1711
{
    public const string Name = "packages";
}
