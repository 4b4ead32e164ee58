using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>All READMEs of the repository.</summary>
internal static partial class Readmes
{
    /// <summary>Their paths below the root.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Directory.EnumerateFiles(Repository.Root, "README.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(folder => folder is "bin" or "obj")).Order(StringComparer.Ordinal),
    ];

    /// <summary>Those that come with packages, and that of the repository.</summary>
    public static IEnumerable<string> OfPackages => All.Where(path => !path.StartsWith("tests/", StringComparison.Ordinal));

    /// <summary>What stands between backticks in the prose and the tables of a text; none goes over the end of its line.</summary>
    public static IEnumerable<(int Line, string Text)> Spans(string path)
    {
        var prose = Block().Replace(Repository.Read(path), block => new string('\n', block.Value.Count(sign => sign == '\n')));
        foreach (var (index, line) in prose.Split('\n').Index())
        {
            var parts = line.Split('`');
            Assert.True(parts.Length % 2 == 1, $"{path}:{index + 1} has a backtick without another.");
            foreach (var part in parts.Where((_, place) => place % 2 == 1))
            {
                yield return (index + 1, part);
            }
        }
    }

    /// <summary>A text without its blocks of code.</summary>
    public static string Prose(string text) => Block().Replace(text, string.Empty);

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
