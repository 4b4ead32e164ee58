using System.Runtime.InteropServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The claims of a request as columns, with an element for each claim.</summary>
internal sealed class ClaimSet
{
    private ClaimSet(int count)
    {
        Names = new string[count];
        Totals = new long[count];
        Oldest = new long[count];
        Units = new short[count];
        Amounts = new long[count];
        Capacities = new long[count];
        Since = new long[count];
        Windows = new long[count];
    }

    /// <summary>Gets the names of the limits.</summary>
    public string[] Names { get; }

    /// <summary>Gets what all claims on the limit ask for together.</summary>
    public long[] Totals { get; }

    /// <summary>Gets how far back any claim on the limit looks, in ticks.</summary>
    public long[] Oldest { get; }

    public short[] Units { get; }

    public long[] Amounts { get; }

    public long[] Capacities { get; }

    /// <summary>Gets since when settled use counts, in ticks.</summary>
    public long[] Since { get; }

    /// <summary>Gets the lengths of sliding windows in ticks, which end at the database's now and not at the caller's; 0 for a claim without one.</summary>
    public long[] Windows { get; }

    public int Count => Names.Length;

    public static ClaimSet Of(IReadOnlyList<LimitClaim> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var set = new ClaimSet(claims.Count);
        for (var index = 0; index < set.Count; index++)
        {
            var claim = claims[index];
            ArgumentOutOfRangeException.ThrowIfNegative(claim.Amount);
            set.Names[index] = StoredText.Fit(claim.Limit);
            set.Units[index] = (short)claim.Unit;
            set.Amounts[index] = claim.Amount;
            set.Capacities[index] = claim.Capacity;
            set.Since[index] = claim.Since.UtcTicks;
            set.Windows[index] = claim.Window is { Ticks: > 0 } window ? window.Ticks : 0;
        }

        set.AddUp();
        return set;
    }

    private void AddUp()
    {
        var limits = new Dictionary<string, (Int128 Total, long Oldest)>(Count, StringComparer.Ordinal);
        for (var index = 0; index < Count; index++)
        {
            ref var limit = ref CollectionsMarshal.GetValueRefOrAddDefault(limits, Names[index], out var isThere);
            limit = (limit.Total + Amounts[index], isThere ? Math.Min(limit.Oldest, Since[index]) : Since[index]);
        }

        for (var index = 0; index < Count; index++)
        {
            var (total, oldest) = limits[Names[index]];
            Totals[index] = (long)Int128.Min(total, long.MaxValue);
            Oldest[index] = oldest;
            // More than a figure can be is more than any capacity is.
            Capacities[index] = total > long.MaxValue ? long.MinValue : Capacities[index];
        }
    }
}
