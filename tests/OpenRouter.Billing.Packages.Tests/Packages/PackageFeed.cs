using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>All packages, packed once into a folder that programs restore from.</summary>
public sealed partial class PackageFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("openrouter-billing-");

    /// <summary>The names of all packages.</summary>
    public static IReadOnlyList<string> Packages { get; } =
        [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>A version that no cache has seen, so that the packages under test are the ones that are installed.</summary>
    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    /// <summary>Where the packages lie.</summary>
    public string Folder => Path.Combine(_folder.FullName, "feed");

    /// <summary>A new folder, which is gone after the tests.</summary>
    public string NewFolder(string name) => Path.Combine(_folder.FullName, name);

    public string Package(string name) => Path.Combine(Folder, $"{name}.{Version}.nupkg");

    public async ValueTask InitializeAsync()
    {
        var all = Path.Combine(_folder.FullName, "all.slnf");
        await File.WriteAllTextAsync(all, $$"""
            {
              "solution": {
                "path": {{JsonSerializer.Serialize(Path.Combine(Repository.Root, "OpenRouter.Billing.sln"))}},
                "projects": {{JsonSerializer.Serialize(Packages.Select(name => $@"src\{name}\{name}.csproj"))}}
              }
            }
            """);
        var packed = await Dotnet.RunAsync(Repository.Root, "pack", all, "-c", Repository.Configuration, "-o", Folder, $"-p:PackageVersion={Version}");
        AssertClean(packed);
    }

    /// <summary>Holds that a command went well and warned of nothing.</summary>
    public static void AssertClean(DotnetResult command) =>
        Assert.True(command.ExitCode == 0 && !Warning().IsMatch(command.Output + command.Error), command.Output + command.Error);

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        // What was restored stays in the cache for all programs; ours are of no use to any other.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
#pragma warning disable CA1308 // the cache's folders are in lower case
        foreach (var folder in Packages.Select(name => Path.Combine(cache, name.ToLowerInvariant(), Version)).Where(Directory.Exists))
#pragma warning restore CA1308
        {
            Directory.Delete(folder, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    [GeneratedRegex(@"\bwarning [A-Z]+\d+|: warning ")]
    private static partial Regex Warning();
}
