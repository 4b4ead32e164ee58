using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>Links and anchors lead somewhere, and commands name what exists.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] TestFiles =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs*", SearchOption.AllDirectories).Select(file => file.Replace('\\', '/'))];

    public static TheoryData<string> Texts => [.. Readmes.All, "CHANGELOG.md"];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Links_OfAText_LeadSomewhere(string text)
    {
        var folder = Path.GetDirectoryName(text)!.Replace('\\', '/');
        foreach (var target in Link().Matches(Readmes.Prose(Repository.Read(text))).Select(link => link.Groups[1].Value))
        {
            if (target.StartsWith("https://", StringComparison.Ordinal))
            {
                Assert.True(Uri.IsWellFormedUriString(target, UriKind.Absolute), target);
                continue;
            }

            // A package's README is read on a feed, where nothing lies beside it.
            Assert.False(text.StartsWith("src/", StringComparison.Ordinal) && !target.StartsWith('#'), $"{text} leads to {target}, which is not on a feed.");
            var (path, anchor) = target.Split('#', 2) is [var before, var after] ? (before, after) : (target, null);
            var file = path.Length == 0 ? text : Path.Combine(folder, path);
            Assert.True(Path.Exists(Path.Combine(Repository.Root, file)), $"{text} leads to {target}, which does not exist.");
            Assert.True(anchor is null || Anchors(Repository.Read(file)).Contains(anchor), $"{text} leads to {target}, where there is no such heading.");
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Paths_OfAText_Exist(string text)
    {
        var paths = PathInText().Matches(Repository.Read(text)).Select(match => match.Groups[1].Value);

        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{text} names {path}, which does not exist."));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Commands_OfAText_NameProjectsThatRun(string text)
    {
        foreach (var project in Run().Matches(Repository.Read(text)).Select(match => match.Groups[1].Value))
        {
            Assert.True(File.Exists(Path.Combine(Repository.Root, project, Path.GetFileName(project) + ".csproj")), $"{text} runs {project}, which is no project.");
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Tests_OfAText_Exist(string text)
    {
        var named = Readmes.Spans(text).Select(span => span.Text).Where(name => name.EndsWith("Tests", StringComparison.Ordinal));

        Assert.All(named, name => Assert.True(TestFiles.Any(file => file.EndsWith($"/{name}.cs", StringComparison.Ordinal) || file.EndsWith($"/{name}.csproj", StringComparison.Ordinal)), $"{text} names {name}, which is no test."));
    }

    [Theory]
    [InlineData("## What OpenRouter says, what the library does", "what-openrouter-says-what-the-library-does")]
    [InlineData("# `A.B` (c)", "ab-c")]
    public void Anchors_OfAHeading_AreThoseOfTheWeb(string heading, string anchor) => Assert.Equal([anchor], Anchors(heading));

    private static IEnumerable<string> Anchors(string text) =>
#pragma warning disable CA1308 // anchors are in lower case
        Heading().Matches(text).Select(heading => NotInAnchors().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'));
#pragma warning restore CA1308

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"(?<![\w/.])((?:src|tests|samples|\.ci)/[\w./-]*[\w-])")]
    private static partial Regex PathInText();

    [GeneratedRegex(@"dotnet run [^\n`]*?--project (\S+?)[\s`]")]
    private static partial Regex Run();
}
