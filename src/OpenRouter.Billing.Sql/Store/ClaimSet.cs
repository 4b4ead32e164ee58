using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>The claims of a request as columns, with each limit named once.</summary>
internal sealed class ClaimSet
{
    // As bytes in UTF-8 are ordered: half of a surrogate pair stands for what lies behind all other characters.
    private static readonly Comparer<string> ByCodePoints = Comparer<string>.Create(static (one, other) =>
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        return at < one.Length && at < other.Length ? Rank(one[at]).CompareTo(Rank(other[at])) : one.Length.CompareTo(other.Length);

        static int Rank(char character) => char.IsSurrogate(character) ? character + char.MaxValue : character;
    });

    private ClaimSet(int count)
    {
        Index = new int[count];
        Units = new short[count];
        Amounts = new long[count];
        Capacities = new long[count];
        Since = new long[count];
        Windows = new long[count];
    }

    /// <summary>Gets the limits, each once, in the order of their names' code points, in which they are locked.</summary>
    public string[] Names { get; private set; } = [];

    /// <summary>Gets what all claims on each of <see cref="Names"/> ask for together.</summary>
    public long[] Totals { get; private set; } = [];

    /// <summary>Gets how far back any claim on each of <see cref="Names"/> looks, in ticks.</summary>
    public long[] Oldest { get; private set; } = [];

    /// <summary>Gets which of <see cref="Names"/> each claim is on, counted from 1 as SQL counts.</summary>
    public int[] Index { get; }

    public short[] Units { get; }

    public long[] Amounts { get; }

    public long[] Capacities { get; }

    /// <summary>Gets since when settled use counts, in ticks.</summary>
    public long[] Since { get; }

    /// <summary>Gets the lengths of sliding windows in ticks, which end at the database's now and not at the caller's; 0 for a claim without one.</summary>
    public long[] Windows { get; }

    public int Count => Index.Length;

    public static ClaimSet Of(IReadOnlyList<LimitClaim> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var set = new ClaimSet(claims.Count);
        var names = new string[set.Count];
        for (var index = 0; index < set.Count; index++)
        {
            var claim = claims[index];
            ArgumentOutOfRangeException.ThrowIfNegative(claim.Amount);
            names[index] = StoredText.Fit(claim.Limit);
            set.Units[index] = (short)claim.Unit;
            set.Amounts[index] = claim.Amount;
            set.Capacities[index] = claim.Capacity;
            set.Since[index] = claim.Since.UtcTicks;
            set.Windows[index] = claim.Window is { Ticks: > 0 } window ? window.Ticks : 0;
        }

        // All that use the same tables lock limits in one order, so that no two requests wait for each other.
        set.Names = [.. names.Distinct(StringComparer.Ordinal).Order(ByCodePoints)];
        for (var index = 0; index < set.Count; index++)
        {
            set.Index[index] = Array.BinarySearch(set.Names, names[index], ByCodePoints) + 1;
        }

        set.AddUp();
        return set;
    }

    private void AddUp()
    {
        var totals = new Int128[Names.Length];
        Oldest = new long[Names.Length];
        Array.Fill(Oldest, long.MaxValue);
        for (var index = 0; index < Count; index++)
        {
            var limit = Index[index] - 1;
            totals[limit] += Amounts[index];
            Oldest[limit] = Math.Min(Oldest[limit], Since[index]);
        }

        Totals = Array.ConvertAll(totals, total => (long)Int128.Min(total, long.MaxValue));
        for (var index = 0; index < Count; index++)
        {
            // More than a figure can be is more than any capacity is.
            Capacities[index] = totals[Index[index] - 1] > long.MaxValue ? long.MinValue : Capacities[index];
        }
    }
}
