namespace OpenRouter.Billing;

/// <summary>Breaks activity down. Each row is in one group of each breakdown, so that the groups add up to the whole.</summary>
public static class ActivityEnumerableExtensions
{
    /// <summary>Adds rows up.</summary>
    /// <param name="entries">The rows.</param>
    /// <returns>The totals.</returns>
    public static ActivityTotals Total(this IEnumerable<ActivityEntry> entries) => ActivityTotals.Of(entries);

    /// <summary>Breaks rows down by the model's slug.</summary>
    /// <param name="entries">The rows.</param>
    /// <returns>The dearest first.</returns>
    public static IReadOnlyList<ActivityGroup<string?>> ByModel(this IEnumerable<ActivityEntry> entries) => By(entries, entry => entry.Model);

    /// <summary>Breaks rows down by provider.</summary>
    /// <param name="entries">The rows.</param>
    /// <returns>The dearest first.</returns>
    public static IReadOnlyList<ActivityGroup<string?>> ByProvider(this IEnumerable<ActivityEntry> entries) => By(entries, entry => entry.ProviderName);

    /// <summary>Breaks rows down by workspace.</summary>
    /// <param name="entries">The rows, read with <see cref="ActivityQuery.GroupByWorkspace"/>.</param>
    /// <returns>The dearest first.</returns>
    /// <exception cref="ArgumentException">A row does not say its workspace: the query did not ask for it.</exception>
    public static IReadOnlyList<ActivityGroup<string?>> ByWorkspace(this IEnumerable<ActivityEntry> entries) =>
        By(entries, entry => entry.WorkspaceId ?? throw new ArgumentException($"A row does not say its workspace: read activity with {nameof(ActivityQuery)}.{nameof(ActivityQuery.GroupByWorkspace)} set.", nameof(entries)));

    /// <summary>Breaks rows down by UTC day.</summary>
    /// <param name="entries">The rows.</param>
    /// <returns>The oldest first; days without activity are not in it.</returns>
    public static IReadOnlyList<ActivityGroup<DateOnly>> ByDay(this IEnumerable<ActivityEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return [.. entries.GroupBy(entry => entry.Date).OrderBy(group => group.Key).Select(group => new ActivityGroup<DateOnly>(group.Key, ActivityTotals.Of(group)))];
    }

    /// <summary>Tells what cost nothing from what cost something.</summary>
    /// <param name="entries">The rows.</param>
    /// <returns>Three totals, which add up to the whole.</returns>
    public static FreeAndPaidActivity FreeAndPaid(this IEnumerable<ActivityEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var groups = entries.ToLookup(IsFree);
        return new FreeAndPaidActivity { Free = ActivityTotals.Of(groups[true]), Paid = ActivityTotals.Of(groups[false]), Unknown = ActivityTotals.Of(groups[null]) };
    }

    // By the bill and not by the name: a model called free may have cost an add-on, and one that is not may have been answered from a cache.
    private static bool? IsFree(ActivityEntry entry) =>
        entry.Cost is { } cost && cost != 0 ? false
        : entry.ByokCost is { } byok && byok != 0 ? false
        : entry.Cost is null || entry.ByokCost is null ? null
        : true;

    private static ActivityGroup<string?>[] By(IEnumerable<ActivityEntry> entries, Func<ActivityEntry, string?> key)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return [.. entries.GroupBy(key, StringComparer.Ordinal)
            .Select(group => new ActivityGroup<string?>(group.Key, ActivityTotals.Of(group)))
            .OrderByDescending(group => group.Totals.Cost).ThenBy(group => group.Key, StringComparer.Ordinal)];
    }
}
