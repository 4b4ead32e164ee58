using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>The C# of all READMEs is compiled: each snippet stands in a ReadmeCode.cs of the tests, word for word.</summary>
public sealed partial class SnippetTests
{
    private const int LongestSnippet = 20;

    private static readonly string Compiled = Unindent(string.Concat(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "ReadmeCode.cs", SearchOption.AllDirectories).Select(file => File.ReadAllText(file) + "\n")));

    public static TheoryData<string, int, string> Snippets { get; } =
        new(from readme in Readmes.All from snippet in CSharp().Matches(Repository.Read(readme)).Select((match, index) => (match.Groups[1].Value, index)) select (readme, snippet.index + 1, snippet.Value));

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_OfAReadme_IsCompiledInTheTests(string readme, int number, string snippet)
    {
        Assert.True(Compiled.Contains(Unindent(snippet), StringComparison.Ordinal), $"Snippet {number} of {readme} is in no ReadmeCode.cs.");
        Assert.True(snippet.Split('\n').Length <= LongestSnippet, $"Snippet {number} of {readme} is too long for a README.");
    }

    [Fact]
    public void Snippets_OfAllPackages_AreThere() =>
        Assert.All(Readmes.All.Where(readme => !readme.StartsWith("tests/", StringComparison.Ordinal)), readme => Assert.Matches(CSharp(), Repository.Read(readme)));

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
