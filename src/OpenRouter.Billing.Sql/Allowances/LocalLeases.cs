namespace OpenRouter.Billing.Sql;

/// <summary>What the running requests of one allowance hold. The allowance locks.</summary>
internal sealed class LocalLeases
{
    private readonly Dictionary<uint, LocalLease> _leases = [];

    // By arrival: requests of one shape are given the same time, and one that was given less waits for those before it.
    private readonly LinkedList<LocalLease> _byDeadline = [];
    private Units _held;
    private uint _last;

    public int Count => _leases.Count;

    /// <summary>Gets what is held of each unit together.</summary>
    public ref readonly Units Held => ref _held;

    /// <summary>Gets what would be booked if none were settled, in nano-dollars.</summary>
    public long Cost { get; private set; }

    public LocalLease Add(in Units wanted, long claimedCost, long deadline, int open)
    {
        var lease = new LocalLease { Number = ++_last, Deadline = deadline, ClaimedCost = claimedCost, Open = open };
        lease.Held = wanted;
        for (var unit = 0; unit < Units.Count; unit++)
        {
            _held[unit] += wanted[unit];
        }

        Cost = Units.Sum(Cost, claimedCost);
        _leases.Add(lease.Number, lease);
        lease.Node = _byDeadline.AddLast(lease);
        return lease;
    }

    public LocalLease? Find(uint number) => _leases.GetValueOrDefault(number);

    /// <summary>The next that was not settled in time; null when there is none.</summary>
    public LocalLease? Overdue(long now) => _byDeadline.First?.Value is { } lease && lease.Deadline <= now ? lease : null;

    /// <summary>Settles one unit, which the lease holds no more.</summary>
    public void Settle(LocalLease lease, int unit, long amount)
    {
        lease.Open &= ~(1 << unit);
        _held[unit] -= lease.Held[unit];
        lease.Spent[unit] = amount;
    }

    /// <summary>Forgets a lease, and gives back what it still holds.</summary>
    public LocalLease Remove(LocalLease lease)
    {
        for (var unit = 0; unit < Units.Count; unit++)
        {
            _held[unit] -= (lease.Open & (1 << unit)) != 0 ? lease.Held[unit] : 0;
        }

        _leases.Remove(lease.Number);
        _byDeadline.Remove(lease.Node!);
        Cost = Math.Max(0, Cost - lease.ClaimedCost);
        return lease;
    }
}
