namespace OpenRouter.Billing.Guard;

/// <summary>What a lease holds on one limit, until it is settled, given back or abandoned. Its owner locks.</summary>
/// <param name="history">The use of the limit.</param>
/// <param name="unit">What the limit counts.</param>
/// <param name="amount">How much is held, in nano-dollars or requests.</param>
internal struct LimitHold(LimitHistory history, LimitUnit unit, long amount)
{
    private const long Never = -1;
    private long _bookedAt = Never;

    public readonly LimitHistory History => history;

    public readonly LimitUnit Unit => unit;

    public bool IsClosed { get; private set; }

    /// <summary>Ends the hold, and takes back what it counts for.</summary>
    /// <returns>False when it had ended before.</returns>
    public bool TakeBack()
    {
        if (IsClosed)
        {
            return false;
        }

        Abandon();
        if (_bookedAt == Never)
        {
            history.Leased -= amount;
        }
        else
        {
            history.Remove(_bookedAt, amount);
        }

        return true;
    }

    /// <summary>Ends the hold. What is booked stays.</summary>
    public void Abandon()
    {
        if (!IsClosed)
        {
            IsClosed = true;
            history.OpenHolds--;
        }
    }

    /// <summary>Counts what is held as settled use at an instant, in ticks.</summary>
    public void BookInFull(long ticks)
    {
        if (!IsClosed)
        {
            history.Leased -= amount;
            _bookedAt = history.Add(ticks, amount);
        }
    }
}
