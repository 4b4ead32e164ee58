namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>The table of faults as tests/README.md has it.</summary>
internal static class FaultTable
{
    public const string CannotHappen = "–";
    private const string Corner = "Fault";

    private static readonly string[][] Lines =
    [
        .. Repository.Read("tests/README.md").Split('\n').SkipWhile(line => !line.StartsWith($"| {Corner} |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
    ];

    public static IEnumerable<string> Places => Lines[0].Skip(1);

    public static IReadOnlyList<(string Fault, (Place Place, string Said)[] Cells)> Rows { get; } =
        [.. Lines.Skip(2).Select(line => (line[0], Place.All.Zip(line.Skip(1)).ToArray()))];

    /// <summary>Holds what came of a fault against its cell; said whole, because it is what the cell must become when it is right.</summary>
    public static void AssertSaid(string fault, string place, string actual)
    {
        var said = Rows.Single(row => row.Fault == fault).Cells.Single(cell => cell.Place.Name == place).Said;
        Assert.True(said == actual, $"The table says '{said}', and it was '{actual}'.");
    }
}
