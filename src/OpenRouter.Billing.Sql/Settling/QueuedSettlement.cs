using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>A settlement of one unit, or a return, that waits to be written.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Unit">What is settled; null to give back what is still held.</param>
/// <param name="Amount">Nano-dollars or requests.</param>
internal sealed record QueuedSettlement(Guid Lease, LimitUnit? Unit, long Amount)
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
