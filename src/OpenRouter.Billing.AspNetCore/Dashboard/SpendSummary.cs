using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>Sums up what a ledger has booked in the last 30 days.</summary>
internal static class SpendSummary
{
    private const int Days = 30;
    private const int MaxShares = 8;

    // A ledger with more sums than this is summed up as far as they go; the page must not grow with it.
    private const int MaxEntries = 100_000;

    private static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(10);

    /// <summary>Reads the sums; null when the ledger does not tell them just now.</summary>
    public static async Task<SpendReport?> ReadAsync(ISpendLedger ledger, DateOnly today, TimeProvider timeProvider)
    {
        var from = today.AddDays(1 - Days);
        var byDay = Enumerable.Range(0, Days).ToDictionary(from.AddDays, _ => new Sum());
        var byModel = new Dictionary<string, Sum>(StringComparer.Ordinal);
        var byProject = new Dictionary<string, Sum>(StringComparer.Ordinal);
        var query = new SpendQuery { From = from, To = today, GroupBy = SpendGrouping.Day | SpendGrouping.Model | SpendGrouping.Project };
        try
        {
            using var time = new CancellationTokenSource(LongestRead, timeProvider);
            var left = MaxEntries;
            await foreach (var entry in ledger.ReadSpendAsync(query, time.Token).ConfigureAwait(false))
            {
                if (left-- == 0)
                {
                    break;
                }

                Add(byDay, entry.Day ?? today, entry);
                Add(byModel, ShownText.Of(entry.Labels.Model) ?? "(unknown)", entry);
                Add(byProject, ShownText.Of(entry.Labels.Project) ?? "(none)", entry);
            }
        }
#pragma warning disable CA1031 // the page does without what its ledger does not tell; a health check tells of the ledger
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }

        return new SpendReport
        {
            From = from,
            To = today,
            Total = byDay.Values.Sum(sum => sum.Cost),
            Today = byDay[today].Cost,
            Requests = byDay.Values.Sum(sum => sum.Requests),
            ByDay = [.. byDay.OrderBy(day => day.Key).Select(day => new DayReport(day.Key, day.Value.Cost, day.Value.Requests))],
            ByModel = Shares(byModel),
            ByProject = Shares(byProject),
        };
    }

    private static void Add<TKey>(Dictionary<TKey, Sum> sums, TKey key, SpendEntry entry)
        where TKey : notnull
    {
        if (!sums.TryGetValue(key, out var sum))
        {
            sums[key] = sum = new Sum();
        }

        sum.Cost += entry.Cost;
        sum.Requests += entry.Requests;
    }

    private static ShareReport[] Shares(Dictionary<string, Sum> sums)
    {
        var all = sums.OrderByDescending(share => share.Value.Cost).ThenBy(share => share.Key, StringComparer.Ordinal).Select(share => new ShareReport(share.Key, share.Value.Cost, share.Value.Requests)).ToArray();
        return all.Length <= MaxShares
            ? all
            : [.. all[..(MaxShares - 1)], new ShareReport("(others)", all[(MaxShares - 1)..].Sum(share => share.Cost), all[(MaxShares - 1)..].Sum(share => share.Requests))];
    }

    private sealed class Sum
    {
        public decimal Cost { get; set; }

        public long Requests { get; set; }
    }
}
