namespace OpenRouter.Billing.Guard;

/// <summary>What one lease holds on its limits, and adds to the sums of spending. Its owner locks.</summary>
/// <param name="holds">One for each claim.</param>
/// <param name="spending">Whose spending it is; null when nobody sums up.</param>
internal sealed class HeldLease(LimitHold[] holds, Spending? spending)
{
    /// <summary>Gets whether it was taken for spent in full. A late settlement still replaces that.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>Gets whether every unit is settled.</summary>
    public bool IsClosed => spending?.IsClosed != false && Array.TrueForAll(holds, hold => hold.IsClosed);

    /// <summary>Puts what was really used into the place of what is held of one unit; the first time counts.</summary>
    public void Settle(LimitUnit unit, long now, long amount)
    {
        spending?.Settle(unit, now, amount);
        foreach (ref var hold in holds.AsSpan())
        {
            if (hold.Unit == unit && hold.TakeBack())
            {
                hold.History.Add(now, amount);
            }
        }
    }

    /// <summary>Takes everything back that is not settled.</summary>
    public void GiveBack()
    {
        spending?.GiveBack();
        foreach (ref var hold in holds.AsSpan())
        {
            hold.TakeBack();
        }
    }

    /// <summary>Takes in that nothing more will come: what is booked stays.</summary>
    public void Abandon()
    {
        foreach (ref var hold in holds.AsSpan())
        {
            hold.Abandon();
        }
    }

    /// <summary>Books everything that is not settled in full, as of the deadline.</summary>
    public void Expire(long deadline)
    {
        IsExpired = true;
        spending?.BookInFull(deadline);
        foreach (ref var hold in holds.AsSpan())
        {
            hold.BookInFull(deadline);
        }
    }
}
