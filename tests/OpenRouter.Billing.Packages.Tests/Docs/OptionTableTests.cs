using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace OpenRouter.Billing.Packages.Tests.Docs;

/// <summary>Every options class has a table in a README, headed by its name, with each option and its default.</summary>
public sealed partial class OptionTableTests
{
    private static readonly string[] Lines = [.. Readmes.All.SelectMany(readme => Repository.Read(readme).Split('\n'))];

    public static TheoryData<string> OptionClasses =>
        [.. Libraries.All.SelectMany(library => library.GetExportedTypes()).Where(IsOptions).Where(type => !Nested.Contains(type)).Select(type => type.Name).Order(StringComparer.Ordinal)];

    // These are options of other options, and stand in their table.
    private static HashSet<Type> Nested { get; } =
        [.. Libraries.All.SelectMany(library => library.GetExportedTypes()).Where(IsOptions).SelectMany(type => type.GetProperties()).Select(property => property.PropertyType).Where(IsOptions)];

    [Theory]
    [MemberData(nameof(OptionClasses))]
    public void Table_OfAnOptionsClass_ListsEveryOptionWithItsDefault(string name)
    {
        var type = Libraries.All.SelectMany(library => library.GetExportedTypes()).Single(type => type.Name == name);

        var rows = Lines.SkipWhile(line => !line.StartsWith($"| `{name}` | Default |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => Row().Match(line)).Select(row => (row.Groups[1].Value, row.Groups[2].Value)).ToList();

        Assert.True(rows.Count > 0, $"No README has a table that begins with | `{name}` | Default |.");
        Assert.Single(Lines, line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));
        Assert.Equal(Defaults(Activator.CreateInstance(type)!, string.Empty).Order(), rows.Order());
    }

    private static bool IsOptions(Type type) => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.IsClass;

    private static IEnumerable<(string Name, string Default)> Defaults(object options, string prefix) =>
        options.GetType().GetProperties().SelectMany(property => IsOptions(property.PropertyType)
            ? Defaults(property.GetValue(options)!, $"{prefix}{property.Name}.")
            : [(prefix + property.Name, Show(property, property.GetValue(options)))]);

    private static string Show(PropertyInfo property, object? value) => value switch
    {
        null or "" or ICollection { Count: 0 } => "none",
        ICollection list => $"{list.Count} entries",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        IFormattable or string or bool or Uri => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => Constant(property.PropertyType, value),
    };

    private static string Constant(Type type, object value) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(property => property.PropertyType == type && ReferenceEquals(property.GetValue(null), value)).Select(property => $"{type.Name}.{property.Name}").Single();

    [GeneratedRegex(@"^\| `([\w.]+)` \| `?([^|`]+?)`? \|")]
    private static partial Regex Row();
}
