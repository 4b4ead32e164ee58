using System.Runtime.CompilerServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>One amount of each unit: nano-dollars or requests.</summary>
[InlineArray(Count)]
internal struct Units
{
    public const int Count = 3;

    private long _first;

    public readonly long Of(LimitUnit unit) => this[(int)unit];

    /// <summary>Adds; a sum beyond the range is the most there is.</summary>
    public void Add(int unit, long amount) => this[unit] = amount > long.MaxValue - this[unit] ? long.MaxValue : this[unit] + amount;
}
