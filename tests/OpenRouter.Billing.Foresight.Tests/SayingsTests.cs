using System.Reflection;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Foresight.Tests;

/// <summary>Whatever the README says that the library does about what OpenRouter says, there is a member that does it.</summary>
public sealed partial class SayingsTests
{
    private const int LeastRows = 70;

    private static readonly Type[] PublicTypes = [.. typeof(IBillingPurchases).Assembly.GetExportedTypes(), .. typeof(IOpenRouterBillingClient).Assembly.GetExportedTypes()];

    private static readonly string[][] Rows =
    [
        .. Repository.Read("README.md").Split("## What OpenRouter says, what the library does\n")[1].Split("\n## ")[0].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Trim('|').Split(" | ", StringSplitOptions.TrimEntries)),
    ];

    [Fact]
    public void Table_EveryRow_SaysWhatIsSaidWhatIsSoAndWhatIsDone()
    {
        Assert.True(Rows.Length >= LeastRows, $"{Rows.Length} rows");
        Assert.All(Rows, row => Assert.Equal(3, row.Length));
        Assert.All(Rows, row => Assert.All(row, cell => Assert.NotEmpty(cell.Trim())));
        Assert.Equal(Rows.Length, Rows.Select(row => row[0]).Distinct().Count());
    }

    [Fact]
    public void Table_EveryRowThatDoesSomething_NamesMembersThatExist() =>
        Assert.All(Rows.Where(row => row[2].Trim() != "nothing"), row =>
        {
            var members = Member().Matches(row[2]);
            Assert.NotEmpty(members);
            Assert.All(members, member => Assert.True(Exists(member.Groups[1].Value, member.Groups[2].Value), $"{member.Value} does not exist."));
        });

    [Fact]
    public void Table_WhatDoesNotExist_IsFound()
    {
        Assert.False(Exists("IBillingPurchases", "BuyAsync"));
        Assert.False(Exists("IBillingWallet", "GetAsync"));
    }

    private static bool Exists(string type, string member) =>
        PublicTypes.Where(candidate => candidate.Name == type).Any(found => found.GetMember(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).Length > 0)
        || PublicTypes.Where(candidate => candidate is { IsAbstract: true, IsSealed: true })
            .SelectMany(candidate => candidate.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Any(method => method.Name == member && method.GetParameters().FirstOrDefault()?.ParameterType.Name == type);

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Member();
}
