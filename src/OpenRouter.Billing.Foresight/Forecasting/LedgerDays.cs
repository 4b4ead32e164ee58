using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Foresight;

/// <summary>What a ledger has booked, by UTC day.</summary>
internal static class LedgerDays
{
    public static SortedDictionary<DateOnly, decimal> Sum(IEnumerable<SpendEntry> entries, bool withByok = false)
    {
        var sums = new SortedDictionary<DateOnly, decimal>();
        foreach (var entry in entries)
        {
            if (entry.Day is { } day)
            {
                sums[day] = sums.GetValueOrDefault(day) + Math.Max(0, entry.Cost) + (withByok ? Math.Max(0, entry.ByokCost) : 0);
            }
        }

        return sums;
    }

    /// <summary>A ledger books at once: whatever is not in it cost nothing.</summary>
    public static SpendHistory History(SortedDictionary<DateOnly, decimal> sums, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var yesterday = today.AddDays(-1);
        return new SpendHistory
        {
            At = now,
            Days = [.. sums.Where(sum => sum.Key < yesterday).Select(sum => new DailySpend(sum.Key, sum.Value)), new DailySpend(yesterday, sums.GetValueOrDefault(yesterday))],
            SpentToday = sums.GetValueOrDefault(today),
        };
    }
}
