using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>
/// Nothing that was released is taken away by a version that does not say so. A release copies each PublicApi.txt to
/// PublicApi.Shipped.txt, below a first line with a number sign and the version.
/// </summary>
public sealed partial class ReleasedSurfaceTests
{
    private const string Surface = "IAsk\n  Int32 Ask(String what)\n\nThing\n  String Name { get; }\n  new()\n";

    public static TheoryData<string> Packages => [.. PackageFeed.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Surface_SinceTheLastRelease_IsAllowedByTheVersion(string package)
    {
        var now = Repository.Read($"tests/{package}.Tests/PublicApi.txt");
        Assert.NotEmpty(now);
        if (Shipped(package) is not { } shipped)
        {
            return; // never released, so nothing can be taken away; the test below holds that it was not forgotten
        }

        var (released, surface) = shipped;
        var change = SurfaceChange.Between(surface, now);
        var version = Version.Parse(XDocument.Parse(Repository.Read("src/Directory.Build.props")).Descendants("Version").Single().Value);

        Assert.True(version >= change.LeastVersion(released), $"{package} {version} must be {change.LeastVersion(released)} at least:\n{string.Join('\n', change.Breaking)}");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Shipped_OfEveryPackage_IsThatOfTheLastReleaseInTheChangelog(string package) =>
        Assert.Equal(Release().Match(Repository.Read("CHANGELOG.md")) is { Success: true } release ? Version.Parse(release.Groups[1].Value) : null, Shipped(package)?.Version);

    [Theory]
    [InlineData("", "Thing\n  String Name { get; }", "Thing\n  String Name { get; init; }", "2.0.0")]
    [InlineData("a property is gone", "  String Name { get; }\n", "", "2.0.0")]
    [InlineData("a parameter is added", "Ask(String what)", "Ask(String what, Int32 times = 1)", "2.0.0")]
    [InlineData("a type is gone", "\nThing\n  String Name { get; }\n  new()\n", "", "2.0.0")]
    [InlineData("an interface demands more", "Ask(String what)", "Ask(String what)\n  Int32 Tell(String what)", "2.0.0")]
    [InlineData("a class has more", "  new()", "  Int32 Size { get; }\n  new()", "1.3.0")]
    [InlineData("an interface is new", "\nThing", "\nITell\n  Int32 Tell(String what)\n\nThing", "1.3.0")]
    [InlineData("nothing", "Thing", "Thing", "1.2.3")]
    public void LeastVersion_OfAChange_IsThatOfSemanticVersioning(string change, string before, string after, string least)
    {
        var now = Surface.Replace(before, after, StringComparison.Ordinal);

        Assert.True(Version.Parse(least) == SurfaceChange.Between(Surface, now).LeastVersion(new Version(1, 2, 3)), change);
    }

    [Theory]
    [InlineData("  String Name { get; }\n", "", "0.3.0")]
    [InlineData("  new()", "  Int32 Size { get; }\n  new()", "0.2.1")]
    public void LeastVersion_BeforeTheFirstStable_LetsTheSecondNumberSayIt(string before, string after, string least) =>
        Assert.Equal(Version.Parse(least), SurfaceChange.Between(Surface, Surface.Replace(before, after, StringComparison.Ordinal)).LeastVersion(new Version(0, 2, 1)));

    private static (Version Version, string Surface)? Shipped(string package)
    {
        var path = $"tests/{package}.Tests/PublicApi.Shipped.txt";
        if (!File.Exists(Path.Combine(Repository.Root, path)))
        {
            return null;
        }

        var lines = Repository.Read(path).Split('\n', 2);
        return (Version.Parse(lines[0].TrimStart('#', ' ')), lines[1]);
    }

    [GeneratedRegex(@"^## \[(\d+\.\d+\.\d+)\]", RegexOptions.Multiline)]
    private static partial Regex Release();
}
