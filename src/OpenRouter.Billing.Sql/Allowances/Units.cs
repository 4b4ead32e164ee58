using System.Runtime.CompilerServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>One amount of each unit: nano-dollars or requests. What would be beyond the range is the most there is.</summary>
[InlineArray(Count)]
internal struct Units
{
    public const int Count = 3;

    private long _first;

    /// <summary>Gets whether there is none of any unit.</summary>
    public readonly bool IsNothing => this[0] == 0 && this[1] == 0 && this[2] == 0;

    public static long Sum(long one, long other) => other > long.MaxValue - one ? long.MaxValue : one + other;

    public static long Times(long amount, long count) => amount > 0 && count > long.MaxValue / amount ? long.MaxValue : amount * count;

    public readonly long Of(LimitUnit unit) => this[(int)unit];

    public void Add(int unit, long amount) => this[unit] = Sum(this[unit], amount);

    /// <summary>Adds up what a request claims. All claims of one unit are settled with one amount: false when they are not alike.</summary>
    public static bool TryMeasure(ReadOnlySpan<LimitClaim> claims, out Units wanted)
    {
        wanted = default;
        var seen = 0;
        foreach (ref readonly var claim in claims)
        {
            // A request that costs nothing claims a billionth on some of its limits.
            var (unit, bit) = ((int)claim.Unit, 1 << (int)claim.Unit);
            if (claim.Amount < 0 || ((seen & bit) != 0 && Math.Abs(claim.Amount - wanted[unit]) > 1))
            {
                return false;
            }

            wanted[unit] = Math.Max(wanted[unit], claim.Amount);
            seen |= bit;
        }

        return true;
    }
}
