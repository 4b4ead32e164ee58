using System.Globalization;
using System.Text.RegularExpressions;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Tests.Telemetry;

namespace OpenRouter.Billing.Tests.Docs;

/// <summary>What the READMEs say is so.</summary>
public sealed partial class ReadmeTests
{
    private const int LongestQuickStart = 20;

    [Theory]
    [InlineData("README.md", 12)]
    [InlineData("src/OpenRouter.Billing/README.md", 1)]
    [InlineData("src/OpenRouter.Billing.AspNetCore/README.md", 1)]
    [InlineData("src/OpenRouter.Billing.Extensions.AI/README.md", 1)]
    [InlineData("src/OpenRouter.Billing.Sandbox/README.md", 1)]
    public void Snippets_OfAReadme_AreCompiledInTheTests(string readme, int count)
    {
        // Each package's snippets are compiled in its own tests.
        var compiled = Unindent(string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "ReadmeCode.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

        var snippets = CSharp().Matches(Repository.Read(readme)).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(count, snippets.Length);
        Assert.All(snippets, snippet => Assert.Contains(Unindent(snippet), compiled, StringComparison.Ordinal));
        Assert.All(snippets, snippet => Assert.True(snippet.Split('\n').Length <= LongestQuickStart));
    }

    [Fact]
    public void Commands_OfTheReadme_StandOnItsFirstScreen()
    {
        var firstScreen = string.Join('\n', Repository.Read("README.md").Split('\n').Take(40));

        Assert.Contains("dotnet run --project samples/QuickStart\n", firstScreen, StringComparison.Ordinal);
        Assert.Contains("dotnet test\n", firstScreen, StringComparison.Ordinal);
        Assert.Contains("```csharp", firstScreen, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsTable_EveryOption_IsListedWithItsDefault()
    {
        var section = Repository.Read("README.md").Split("## Options")[1].Split("\n## ")[0];
        var table = OptionRow().Matches(section).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.Equal(
            Defaults(new OpenRouterBillingOptions(), string.Empty).Concat(Defaults(new BillingGuardOptions(), "Guard."))
                .Concat(Defaults(new RunawayBrakeOptions(), "Guard.Brake.")).Order(),
            table.Select(row => (row.Key, row.Value)).Order());
    }

    [Fact]
    public void ExceptionTable_EveryExceptionThatCanBeThrown_IsListed()
    {
        var readme = Repository.Read("README.md");
        var thrown = typeof(OpenRouterBillingException).Assembly.GetExportedTypes()
            .Where(type => typeof(OpenRouterBillingException).IsAssignableFrom(type) && !type.IsAbstract);

        Assert.All(thrown, type => Assert.Contains($"| `{type.Name}` |", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void InstrumentTable_EveryInstrument_IsListedWithItsUnit()
    {
        using var meter = new RecordingMeter();
        using var http = new HttpClient();
        _ = new BillingGuard(http, TestData.Options(), new() { MeterFactory = meter });

        var table = InstrumentRow().Matches(Repository.Read("README.md")).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

        Assert.Equal(meter.Instruments.Select(instrument => (instrument.Name, instrument.Unit!)), table);
    }

    private static IEnumerable<(string Name, string Default)> Defaults(object options, string prefix) =>
        options.GetType().GetProperties()
            .Where(property => property.PropertyType != typeof(BillingGuardOptions) && property.PropertyType != typeof(RunawayBrakeOptions))
            .Select(property => (prefix + property.Name, Show(property.GetValue(options))));

    private static string Show(object? value) =>
        value is not System.Collections.ICollection && Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "none";

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"^\| `(openrouter\.billing\.[\w.]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();

    [GeneratedRegex(@"^\| `([\w.]+)` \| `?([^|`]+?)`? \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
