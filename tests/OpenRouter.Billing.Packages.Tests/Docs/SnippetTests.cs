using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>The C# of all READMEs is compiled: each snippet stands in a ReadmeCode.cs of the tests, word for word.</summary>
public sealed partial class SnippetTests
{
    private const int LongestSnippet = 20;

    private static readonly string Compiled = Unindent(string.Concat(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "ReadmeCode.cs", SearchOption.AllDirectories).Select(file => File.ReadAllText(file) + "\n")));

    public static TheoryData<string> Texts => [.. Readmes.All];

    public static TheoryData<string, int, string> Snippets { get; } =
        new(from readme in Readmes.All from snippet in CSharp().Matches(Repository.Read(readme)).Select((match, index) => (match.Groups[1].Value, index)) select (readme, snippet.index + 1, snippet.Value));

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_OfAReadme_IsCompiledInTheTests(string readme, int number, string snippet)
    {
        Assert.True(Compiled.Contains($"\n{Unindent(snippet)}\n", StringComparison.Ordinal), $"Snippet {number} of {readme} is in no ReadmeCode.cs.");
        Assert.True(snippet.Split('\n').Length <= LongestSnippet, $"Snippet {number} of {readme} is too long for a README.");
    }

    [Fact]
    public void Snippets_OfAllPackages_AreThere() =>
        Assert.All(Readmes.OfPackages, readme => Assert.Matches(CSharp(), Repository.Read(readme)));

    // What is written in another way is not taken for a snippet above.
    [Theory]
    [MemberData(nameof(Texts))]
    public void Blocks_OfAReadme_AreCSharpOrCommands(string readme)
    {
        var fences = Fence().Matches(Repository.Read(readme)).Select(fence => fence.Value).ToList();

        Assert.All(fences.Chunk(2), block => Assert.True(block is ["```csharp" or "```shell", "```"], $"{readme} has a block from {block[0]} to {block[^1]}."));
    }

    private static string Unindent(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex(@"^ *(?:```|~~~).*$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
