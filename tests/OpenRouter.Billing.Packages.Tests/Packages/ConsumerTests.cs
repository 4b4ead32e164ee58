using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>What a user gets: new programs that install the packages, do what they came for, and are published without a warning.</summary>
[Collection(PackageCollection.Name)]
public sealed class ConsumerTests(PackageFeed feed)
{
    private const string Everything = "OPENROUTER_BILLING_PACKAGES";

    private static readonly string[] Consumers = ["BareTool", "ConsoleTool", "QueueWorker", "WebApp"];

    private static readonly Dictionary<string, string[]> Sayings = new()
    {
        ["BareTool"] = ["admitted: OK", "refused: InsufficientCreditsException, chats sent: 1", "balance: 0.055 USD"],
        ["ConsoleTool"] = ["admitted: OK", "booked: 1 request", "refused: InsufficientCreditsException, chats sent: 1"],
        ["QueueWorker"] = ["admitted: hello", "refused: InsufficientCreditsException, chats sent: 1", "alert: Balance", "forecast: Unknown"],
        ["WebApp"] = ["admitted: 200 application/json", "refused: 402 application/problem+json, chats sent: 1", "billing: OK", "billing/report.json: OK", "health: OK"],
    };

    /// <summary>Which programs are built how: a few in an ordinary run, because publishing takes its time and more packages, and all where the variable asks for them.</summary>
    public static TheoryData<string, string, Publishing> Cells { get; } = Environment.GetEnvironmentVariable(Everything) == "all"
        ? new(from consumer in Consumers from framework in (string[])["net8.0", "net10.0"] from publishing in Enum.GetValues<Publishing>() select (consumer, framework, publishing))
        : new(("ConsoleTool", "net8.0", Publishing.None), ("QueueWorker", "net10.0", Publishing.None), ("WebApp", "net10.0", Publishing.None), ("BareTool", "net8.0", Publishing.None));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Program_OnThePackages_IsBuiltWithoutAWarningAndDoesItsWork(string consumer, string framework, Publishing publishing)
    {
        Assert.SkipWhen(publishing == Publishing.Aot && !HasLinker(), "There is neither clang nor gcc to link a native program with.");
        var folder = feed.NewFolder($"{consumer}-{framework}-{publishing}");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/OpenRouter.Billing.Packages.Tests/Consumers", consumer)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        PackageFeed.AssertClean(await Dotnet.RunAsync(folder, [.. Command(publishing), "-c", "Release", "-f", framework, "-o", "out", .. Properties()]));
        var run = publishing == Publishing.None
            ? await Dotnet.RunAsync(folder, new Dictionary<string, string?> { ["DOTNET_ROLL_FORWARD"] = "Major" }, Path.Combine("out", consumer + ".dll"))
            : await Dotnet.RunProgramAsync(Path.Combine(folder, "out", consumer), folder);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Equal(Sayings[consumer], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Command(Publishing publishing) => publishing switch
    {
        Publishing.Trimmed => ["publish", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false"],
        Publishing.Aot => ["publish", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true", "-p:TrimmerSingleWarn=false"],
        _ => ["build"],
    };

    private static bool HasLinker() =>
        OperatingSystem.IsWindows() || (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));

    private IEnumerable<string> Properties()
    {
        var versions = XDocument.Parse(Repository.Read("Directory.Packages.props"));
        var extensions = versions.Descendants("ExtensionsVersion").Single().Value;
        return
        [
            $"-p:RestoreAdditionalProjectSources={feed.Folder}", $"-p:BillingVersion={feed.Version}",
            $"-p:SqliteVersion={VersionOf("Microsoft.Data.Sqlite.Core")}", $"-p:SqliteBundleVersion={VersionOf("SQLitePCLRaw.bundle_e_sqlite3")}",
        ];

        string VersionOf(string package) => versions.Descendants("PackageVersion").Single(version => version.Attribute("Include")!.Value == package).Attribute("Version")!.Value.Replace("$(ExtensionsVersion)", extensions, StringComparison.Ordinal);
    }
}
