using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>What is in the packages, and what they say of themselves.</summary>
[Collection(PackageCollection.Name)]
public sealed class PackageContentTests(PackageFeed feed)
{
    private const string Extensions = "10.0.14";

    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private static readonly string[] Frameworks = ["net10.0", "net8.0"];

    /// <summary>What each package brings along: for all frameworks, and for .NET 8 alone. "ours" is the version of the packages themselves.</summary>
    private static readonly Dictionary<string, (string[] Always, string[] OnNet8, bool NeedsAspNetCore)> Dependencies = new()
    {
        ["OpenRouter.Billing"] = (
            [$"Microsoft.Extensions.Http {Extensions}", $"Microsoft.Extensions.Options {Extensions}", $"Microsoft.Extensions.Options.ConfigurationExtensions {Extensions}", "Polly.Core 8.9.1"],
            [$"System.Text.Json {Extensions}"],
            false),
        ["OpenRouter.Billing.AspNetCore"] = (["OpenRouter.Billing ours", "OpenRouter.Billing.Foresight ours"], [], true),
        ["OpenRouter.Billing.Extensions.AI"] = (["Microsoft.Extensions.AI.Abstractions 10.11.0", "OpenRouter.Billing ours"], [], false),
        ["OpenRouter.Billing.Foresight"] = ([$"Microsoft.Extensions.Hosting.Abstractions {Extensions}", "OpenRouter.Billing ours"], [$"System.Text.Json {Extensions}"], false),
        ["OpenRouter.Billing.Sandbox"] = ([], [], true),
        ["OpenRouter.Billing.Sql"] = (["OpenRouter.Billing ours"], [], false),
    };

    public static TheoryData<string> Packages => [.. PackageFeed.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Files_OfAPackage_AreTheseAndNoOthers(string name)
    {
        using var package = ZipFile.OpenRead(feed.Package(name));

        var files = package.Entries.Select(entry => entry.FullName).Where(file => !file.StartsWith("package/", StringComparison.Ordinal));

        Assert.Equal(
            Frameworks.SelectMany(framework => (string[])[$"lib/{framework}/{name}.dll", $"lib/{framework}/{name}.xml"])
                .Concat(["README.md", "icon.png", name + ".nuspec", "_rels/.rels", "[Content_Types].xml"]).Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Manifest_OfAPackage_SaysWhatItIsAndWhereItComesFrom(string name)
    {
        var metadata = Manifest(name);

        Assert.Equal(
            (name, feed.Version, "MIT", "expression", "README.md", "icon.png", "The OpenRouter.Billing authors"),
            (Value("id"), Value("version"), Value("license"), Element("license").Attribute("type")?.Value, Value("readme"), Value("icon"), Value("authors")));
        Assert.InRange(Value("description").Length, 80, 300);
        Assert.Superset(new HashSet<string> { "openrouter", "billing", "budget" }, Value("tags").Split(' ').ToHashSet());
        Assert.Equal("git", Element("repository").Attribute("type")?.Value);
        Assert.Matches("^[0-9a-f]{40}$", Element("repository").Attribute("commit")?.Value);
        Assert.NotEmpty(Value("copyright"));
        Assert.NotEmpty(Value("releaseNotes"));

        XElement Element(string element) => metadata.Elements().Single(child => child.Name.LocalName == element);
        string Value(string element) => Element(element).Value;
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Dependencies_OfAPackage_AreThoseOfTheTable(string name)
    {
        var groups = Manifest(name).Descendants().Where(element => element.Name.LocalName == "dependencies").Elements()
            .ToDictionary(group => group.Attribute("targetFramework")!.Value, group => group.Elements().Select(dependency => $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value.Replace(feed.Version, "ours", StringComparison.Ordinal)}").Order(StringComparer.Ordinal));
        var (always, onNet8, needsAspNetCore) = Dependencies[name];

        Assert.Equal(Frameworks, groups.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(always.Order(StringComparer.Ordinal), groups["net10.0"]);
        Assert.Equal(always.Concat(onNet8).Order(StringComparer.Ordinal), groups["net8.0"]);
        Assert.Equal(
            needsAspNetCore ? Frameworks.Select(_ => "Microsoft.AspNetCore.App") : [],
            Manifest(name).Descendants().Where(element => element.Name.LocalName == "frameworkReference").Select(reference => reference.Attribute("name")!.Value));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Documentation_InAPackage_IsThatOfItsLibrary(string name)
    {
        foreach (var framework in Frameworks)
        {
            using var text = new StreamReader(Read(feed.Package(name), $"lib/{framework}/{name}.xml"));
            var document = XDocument.Load(text);

            Assert.Equal(name, document.Root!.Element("assembly")!.Element("name")!.Value);
            Assert.True(document.Descendants("member").Count(member => member.Element("summary") is not null) > 5);
        }
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Symbols_OfAPackage_AreThoseOfItsLibraryAndReachEverySource(string name)
    {
        foreach (var framework in Frameworks)
        {
            using var library = new PEReader(Read(feed.Package(name), $"lib/{framework}/{name}.dll"));
            var entries = library.ReadDebugDirectory();
            Assert.Contains(entries, entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            using var provider = MetadataReaderProvider.FromPortablePdbStream(Read(Path.ChangeExtension(feed.Package(name), ".snupkg"), $"lib/{framework}/{name}.pdb"));
            var symbols = provider.GetMetadataReader();
            Assert.Equal(library.ReadCodeViewDebugDirectoryData(entries.Single(entry => entry.Type == DebugDirectoryEntryType.CodeView)).Guid, new BlobContentId(symbols.DebugMetadataHeader!.Id).Guid);

            // Where the repository has a public address the symbols point there; the sources are in them in any case.
            var hasLink = Kinds(symbols, EntityHandle.ModuleDefinition).Contains(SourceLink);
            Assert.True(symbols.Documents.Count > 5);
            Assert.All(symbols.Documents, document => Assert.True(hasLink || Kinds(symbols, document).Contains(EmbeddedSource), symbols.GetString(symbols.GetDocument(document).Name)));
        }
    }

    private static IEnumerable<Guid> Kinds(MetadataReader symbols, EntityHandle of) =>
        symbols.GetCustomDebugInformation(of).Select(handle => symbols.GetGuid(symbols.GetCustomDebugInformation(handle).Kind));

    private XElement Manifest(string name) => XDocument.Load(Read(feed.Package(name), name + ".nuspec")).Root!.Elements().Single();

    private static MemoryStream Read(string package, string file)
    {
        using var zip = ZipFile.OpenRead(package);
        using var entry = zip.GetEntry(file)!.Open();
        var whole = new MemoryStream();
        entry.CopyTo(whole);
        whole.Position = 0;
        return whole;
    }
}
