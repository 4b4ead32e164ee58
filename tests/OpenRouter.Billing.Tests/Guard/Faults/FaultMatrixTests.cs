namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>The table of faults in tests/README.md, cell by cell.</summary>
public sealed class FaultMatrixTests
{
    public static TheoryData<string, string> Cells =>
        [.. FaultTable.Rows.Where(row => FaultRun.Faults.Contains(row.Fault)).SelectMany(row => row.Cells.Where(cell => cell.Said != FaultTable.CannotHappen).Select(cell => (row.Fault, cell.Place.Name)))];

    [Fact]
    public void Table_FaultsAndPlaces_AreAllThereOnce()
    {
        Assert.Equal(Place.All.Select(place => place.Name), FaultTable.Places);
        Assert.Equal([.. FaultRun.Faults, StarvedPoolTests.Fault], FaultTable.Rows.Select(row => row.Fault));
        Assert.All(FaultTable.Rows, row => Assert.All(row.Cells, cell => Assert.Equal(FaultRun.Applies(row.Fault, cell.Place), cell.Said != FaultTable.CannotHappen)));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Cells))]
    public async Task SendAsync_FaultAtAPlace_IsSeenAndHeldAsTheTableSays(string fault, string place) =>
        FaultTable.AssertSaid(fault, place, await FaultRun.RunAsync(fault, Place.Of(place)));
}
