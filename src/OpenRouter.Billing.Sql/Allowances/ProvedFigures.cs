using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>By which figures the shared ledger has granted an allowance. The allowance locks.</summary>
/// <param name="count">How many claims there are.</param>
internal sealed class ProvedFigures(int count)
{
    private readonly long[] _capacities = new long[count];
    private readonly DateTimeOffset[] _since = new DateTimeOffset[count];

    /// <summary>Remembers the figures of a grant; null when nothing is granted, and so nothing proved.</summary>
    public void Set(IReadOnlyList<LimitClaim>? claims)
    {
        for (var index = 0; index < count; index++)
        {
            (_capacities[index], _since[index]) = claims is null ? (long.MinValue, default) : (claims[index].Capacity, claims[index].Since);
        }
    }

    /// <summary>Whether these are newer than a request's, which are for the shared ledger to judge then.</summary>
    public bool AreNewerThan(ReadOnlySpan<LimitClaim> claims)
    {
        for (var index = 0; index < claims.Length; index++)
        {
            if (claims[index].Since < _since[index])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether what was granted by these figures would be by a request's, too.</summary>
    public bool Prove(ReadOnlySpan<LimitClaim> claims)
    {
        for (var index = 0; index < claims.Length; index++)
        {
            // A window that slides holds less and less of what it held when it was proved. Everything else is proved by its own figures.
            ref readonly var claim = ref claims[index];
            if (claim.Capacity < _capacities[index] || (claim.Window is null && claim.Since != _since[index]))
            {
                return false;
            }
        }

        return true;
    }
}
