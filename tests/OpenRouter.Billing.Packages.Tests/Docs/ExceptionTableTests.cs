using System.Text.RegularExpressions;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>"What it throws" lists every exception there is, with members that it has, and each is thrown by a scenario of its own.</summary>
public sealed partial class ExceptionTableTests
{
    private static readonly Dictionary<string, string> Rows = Row().Matches(Repository.Read("README.md").Split("## What it throws")[1].Split("\n## ")[0]).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value);

    public static TheoryData<string> Exceptions => [.. Rows.Keys];

    [Fact]
    public void Table_ExceptionsOfAllPackages_AreListed() =>
        Assert.Equal(
            Libraries.All.SelectMany(library => library.GetExportedTypes()).Where(type => typeof(OpenRouterBillingException).IsAssignableFrom(type) && !type.IsAbstract).Select(type => type.Name).Order(StringComparer.Ordinal),
            Rows.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Table_FirstThirteen_AreTheGuardsAsTheTextBelowSays()
    {
        Assert.Contains("The first thirteen are the guard's (`BillingGuardException`)", Repository.Read("README.md"), StringComparison.Ordinal);
        Assert.Equal(
            Libraries.All.SelectMany(library => library.GetExportedTypes()).Where(type => type.IsSubclassOf(typeof(BillingGuardException))).Select(type => type.Name).Order(StringComparer.Ordinal),
            Rows.Keys.Take(13).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Exceptions))]
    public async Task Exception_OfTheTable_IsThrownAndSaysWhatTheTableSays(string name)
    {
        var thrown = await Assert.ThrowsAnyAsync<OpenRouterBillingException>(() => ExceptionScenarios.All[name]());

        Assert.Equal(name, thrown.GetType().Name);
        Assert.All(Member().Matches(Rows[name]).Select(member => member.Groups[1].Value), member => Assert.True(HasMember(thrown.GetType(), member), $"{name} has no {member}."));
    }

    private static bool HasMember(Type type, string path) =>
        path.Split('.').Aggregate<string, Type?>(type, (owner, name) => owner?.GetProperty(name)?.PropertyType) is not null;

    [GeneratedRegex(@"^\| `(\w+Exception)` \| [^|]+ \| ?([^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`([A-Z][\w.]+)`")]
    private static partial Regex Member();
}
