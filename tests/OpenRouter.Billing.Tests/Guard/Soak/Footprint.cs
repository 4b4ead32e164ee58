using System.Globalization;

namespace OpenRouter.Billing.Tests.Guard.Soak;

/// <summary>What the process holds at a moment when nothing is under way.</summary>
/// <param name="Leases">Leases that are neither settled nor released.</param>
/// <param name="Timers">Timers that wait.</param>
/// <param name="Tasks">Work that waits for a thread.</param>
/// <param name="Sockets">Open sockets.</param>
/// <param name="Handles">Open files of any kind, the sockets among them.</param>
/// <param name="Kilobytes">Managed memory after a full collection.</param>
internal sealed record Footprint(int Leases, long Timers, long Tasks, int Sockets, int Handles, long Kilobytes)
{
    /// <summary>How much more there may be at the end than after the first round, whatever the length of the run.</summary>
    public static Footprint Margin { get; } = new(0, 8, 8, 16, 24, 4 * 1024);

    public static Footprint Take(int leases)
    {
        for (var pass = 0; pass < 3; pass++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        var (sockets, handles) = CountHandles();
        return new Footprint(leases, Timer.ActiveCount, ThreadPool.PendingWorkItemCount, sockets, handles, GC.GetTotalMemory(forceFullCollection: true) / 1024);
    }

    public bool IsWithin(Footprint start) =>
        Leases <= Margin.Leases && Tasks <= Margin.Tasks && Timers <= start.Timers + Margin.Timers && Sockets <= start.Sockets + Margin.Sockets
        && Handles <= start.Handles + Margin.Handles && Kilobytes <= start.Kilobytes + Margin.Kilobytes;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Leases} leases, {Timers} timers, {Tasks} tasks, {Sockets} sockets, {Handles} handles, {Kilobytes:n0} KB");

    // Where the system does not list them, there is nothing to compare.
    private static (int Sockets, int Handles) CountHandles()
    {
        const string Listing = "/proc/self/fd";
        if (!Directory.Exists(Listing))
        {
            return (0, 0);
        }

        var targets = Directory.GetFiles(Listing).Select(file => new FileInfo(file).LinkTarget).ToArray();
        return (targets.Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true), targets.Length);
    }
}
