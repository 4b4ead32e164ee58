namespace OpenRouter.Billing.Sql;

/// <summary>What one request holds of an allowance. The allowance locks.</summary>
internal sealed class LocalLease
{
    private Units _held;
    private Units _spent;

    /// <summary>What is held of each unit.</summary>
    public ref Units Held => ref _held;

    /// <summary>What was used of each unit that is settled.</summary>
    public ref Units Spent => ref _spent;

    public required uint Number { get; init; }

    /// <summary>Gets when it counts as spent in full, by the steady clock.</summary>
    public required long Deadline { get; init; }

    /// <summary>Gets what counts as spent when it is never settled, in nano-dollars.</summary>
    public required long ClaimedCost { get; init; }

    /// <summary>Gets or sets which units are open, a bit for each.</summary>
    public int Open { get; set; }

    /// <summary>Gets or sets whether the sums of spending have something of it.</summary>
    public bool IsBooked { get; set; }

    public LinkedListNode<LocalLease>? Node { get; set; }
}
