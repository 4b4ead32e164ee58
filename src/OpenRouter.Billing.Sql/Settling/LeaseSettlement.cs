using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>All that one batch says about one lease.</summary>
internal sealed class LeaseSettlement(Guid lease)
{
    private readonly long?[] _amounts = new long?[3];

    public Guid Lease => lease;

    /// <summary>Gets whether what is still held goes back, after the units that are settled.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Gets for how many requests the lease stands in the sums of spending.</summary>
    public long Requests { get; private set; } = 1;

    public bool HasAmounts => Array.Exists(_amounts, amount => amount is not null);

    /// <summary>Gets what was used of a unit; null when this batch does not settle it.</summary>
    public long? this[LimitUnit unit] => _amounts[(int)unit];

    /// <summary>Groups a batch by lease. The first amount of a unit counts, and nothing after a release.</summary>
    public static IReadOnlyList<LeaseSettlement> Group(IEnumerable<QueuedSettlement> queued)
    {
        var leases = new Dictionary<Guid, LeaseSettlement>();
        foreach (var item in queued)
        {
            if (!leases.TryGetValue(item.Lease, out var settlement))
            {
                leases.Add(item.Lease, settlement = new LeaseSettlement(item.Lease));
            }

            settlement.Add(item.Unit, item.Amount);
            settlement.Requests = item.Requests;
        }

        return [.. leases.Values];
    }

    private void Add(LimitUnit? unit, long amount)
    {
        if (unit is not { } settled)
        {
            IsReleased = true;
        }
        else if (!IsReleased)
        {
            _amounts[(int)settled] ??= amount;
        }
    }
}
