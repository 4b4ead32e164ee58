using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>An allowance that was replaced, and what is to be booked in its place. Safe for concurrent use.</summary>
/// <param name="lease">Its lease on the shared ledger.</param>
/// <param name="used">What its requests used of each unit.</param>
/// <param name="booked">How many requests that is.</param>
internal sealed class ReplacedAllowance(LeaseId lease, Units used, long booked)
{
    private readonly object _gate = new();
    private Task? _booking;

    public LeaseId Lease => lease;

    public Units Used => used;

    public long Booked => booked;

    /// <summary>Books it, once: who comes meanwhile waits for the same. After a fault it is tried again.</summary>
    public Task BookAsync(SharedBooks books, bool isLabelled)
    {
        lock (_gate)
        {
            return _booking is null or { IsFaulted: true } or { IsCanceled: true } ? _booking = books.SettleAsync(this, isLabelled) : _booking;
        }
    }
}
