namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>The row of the table whose fault strikes everything in the process. Alone for that reason.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
[Collection("Alone")]
public sealed class StarvedPoolTests
{
    internal const string Fault = "thread pool starved";

    public static TheoryData<string> Places => [.. Place.All.Select(place => place.Name)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Places))]
    public async Task SendAsync_ThreadPoolStarved_IsSeenAndHeldAsTheTableSays(string place)
    {
        using var release = new ManualResetEventSlim();
        // More than there are threads, so that what comes after them has to wait until the pool has grown.
        var blocked = Enumerable.Range(0, ThreadPool.ThreadCount + 2).Select(_ => Task.Run(() => Assert.True(release.Wait(BillingClientKit.Patience)))).ToArray();
        try
        {
            await BillingClientKit.UntilAsync(() => ThreadPool.PendingWorkItemCount > 0 || blocked.All(task => task.Status == TaskStatus.Running), "the pool to be full");
            FaultTable.AssertSaid(Fault, place, await FaultRun.RunAsync(Fault, Place.Of(place)));
        }
        finally
        {
            release.Set();
            await Task.WhenAll(blocked);
        }
    }
}
