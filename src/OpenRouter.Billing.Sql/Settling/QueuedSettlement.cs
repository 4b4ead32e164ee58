using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>A settlement of one unit, or a return, that waits to be written.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Unit">What is settled; null to give back what is still held.</param>
/// <param name="Amount">Nano-dollars or requests.</param>
/// <param name="Requests">For how many requests the lease stands in the sums of spending.</param>
internal sealed record QueuedSettlement(Guid Lease, LimitUnit? Unit, long Amount, long Requests = 1)
{
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Written => _written.Task;

    public void MarkWritten() => _written.TrySetResult();

    public void MarkLost(Exception exception)
    {
        if (_written.TrySetException(exception))
        {
            // Most of those who settle do not wait.
            _ = _written.Task.Exception;
        }
    }
}
