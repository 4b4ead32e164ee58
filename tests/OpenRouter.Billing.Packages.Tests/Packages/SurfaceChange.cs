using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Packages;

/// <summary>What becomes of a public surface from one release to the next, by the statements of both (PublicApi.txt).</summary>
public sealed partial record SurfaceChange(IReadOnlyList<string> Breaking, IReadOnlyList<string> Added)
{
    public static SurfaceChange Between(string released, string now)
    {
        var (before, after) = (Entries(released), Entries(now));
        var added = after.Except(before).ToList();
        // Whoever implements an interface must implement what is new in it.
        var demanded = added.Where(entry => InterfaceMember().Match(entry) is { Success: true } member && before.Contains(member.Groups[1].Value)).ToList();
        return new([.. before.Except(after), .. demanded], [.. added.Except(demanded)]);
    }

    /// <summary>The lowest version that may carry the change, by Semantic Versioning; before 1.0 the second number takes the place of the first.</summary>
    public Version LeastVersion(Version released)
    {
        ArgumentNullException.ThrowIfNull(released);
        return (Breaking.Count > 0, Added.Count > 0, released.Major) switch
        {
            (true, _, 0) => new Version(0, released.Minor + 1, 0),
            (true, _, _) => new Version(released.Major + 1, 0, 0),
            (_, true, > 0) => new Version(released.Major, released.Minor + 1, 0),
            _ => released,
        };
    }

    private static List<string> Entries(string surface) =>
    [
        .. surface.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(type => type.Trim('\n').Split('\n'))
            .SelectMany(lines => lines.Skip(1).Select(member => $"{lines[0]}: {member.Trim()}").Prepend(lines[0])),
    ];

    [GeneratedRegex(@"^(I[A-Z]\w*): ")]
    private static partial Regex InterfaceMember();
}
