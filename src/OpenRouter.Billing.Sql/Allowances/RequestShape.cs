using System.Runtime.InteropServices;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>What requests that share an allowance have in common: the limits that they claim, in order, and whose spending they are.</summary>
/// <param name="Claims">The claims; only their limits and units matter here.</param>
/// <param name="Labels">Whose spending; null when it is not summed up.</param>
internal readonly record struct RequestShape(IReadOnlyList<LimitClaim> Claims, SpendLabels? Labels)
{
    /// <summary>Gets whether every claim is on a limit of its own.</summary>
    public bool IsPlain => Claims.DistinctBy(claim => claim.Limit).Count() == Claims.Count;

    // Claims are large: looked at where they lie, and not copied for each look.
    public static ReadOnlySpan<LimitClaim> AsSpan(IReadOnlyList<LimitClaim> claims) => claims switch
    {
        LimitClaim[] array => array,
        List<LimitClaim> list => CollectionsMarshal.AsSpan(list),
        _ => claims.ToArray(),
    };

    public bool Equals(RequestShape other)
    {
        var one = AsSpan(Claims);
        var two = AsSpan(other.Claims);
        if (one.Length != two.Length)
        {
            return false;
        }

        for (var index = 0; index < one.Length; index++)
        {
            if (one[index].Unit != two[index].Unit || one[index].Limit != two[index].Limit)
            {
                return false;
            }
        }

        return Labels == other.Labels;
    }

    // The key's hash is long, and hardly ever tells two shapes apart that their limits do not.
    public override int GetHashCode()
    {
        var hash = HashCode.Combine(Labels?.Model, Labels?.Project, Labels?.Member, Labels?.Workspace);
        foreach (ref readonly var claim in AsSpan(Claims))
        {
            hash = HashCode.Combine(hash, claim.Limit);
        }

        return hash;
    }
}
