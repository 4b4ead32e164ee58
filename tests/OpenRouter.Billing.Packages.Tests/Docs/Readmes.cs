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

    /// <summary>A text without its blocks of code.</summary>
    public static string Prose(string text) => Block().Replace(text, string.Empty);

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
