using System.Reflection;
using System.Text.RegularExpressions;
using OpenRouter.Billing.Tests.Api.Contract;

namespace OpenRouter.Billing.Tests.Docs;

/// <summary>The table of operations and methods in the core's README, held against the schema and against the client.</summary>
public sealed partial class CoverageTableTests
{
    private static readonly (string Operation, string[] Methods)[] Table =
    [
        .. Row().Matches(Repository.Read("src/OpenRouter.Billing/README.md")).Select(row => (row.Groups[1].Value, Method().Matches(row.Groups[2].Value).Select(method => method.Groups[1].Value).ToArray())),
    ];

    [Fact]
    public void Table_OperationsOfTheSchema_AreAllListedOnce()
    {
        var document = OpenApiDocument.Load(Reference.Path("openrouter-billing.openapi.yaml"));
        var wanted = document.Operations().Select(operation => operation.Replace("{workspace_ref}", "{id}", StringComparison.Ordinal)).ToList();
        Assert.True(wanted.Count >= 29, $"The schema has only {wanted.Count} operations.");
        Assert.Empty(wanted.Except(Table.Select(row => row.Operation)));
        Assert.Equal(Table.Select(row => row.Operation).Distinct(), Table.Select(row => row.Operation));
    }

    [Fact]
    public void Table_OperationsUnderContract_AreAllListed() => Assert.Empty(Operations.All.Keys.Except(Table.Select(row => row.Operation)));

    [Fact]
    public void Table_Methods_AreThoseOfTheClientAndAllOfThem()
    {
        var listed = Table.SelectMany(row => row.Methods).ToHashSet();
        var there = MethodsOf(typeof(IOpenRouterBillingClient), string.Empty).ToHashSet();
        Assert.True(there.Count >= 50, $"The client has only {there.Count} methods.");
        Assert.Empty(listed.Except(there));
        Assert.Empty(there.Except(listed));
    }

    private static IEnumerable<string> MethodsOf(Type client, string place) =>
        client.GetMethods().Where(method => !method.IsSpecialName).Select(method => place + method.Name)
            .Concat(client.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.PropertyType.IsInterface).SelectMany(property => MethodsOf(property.PropertyType, $"{place}{property.Name}.")));

    [GeneratedRegex(@"^\| `((?:GET|POST|PUT|PATCH|DELETE) /[^`]+)` \| (.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Method();
}
