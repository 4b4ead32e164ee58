namespace OpenRouter.Billing.Tests.Guard.Faults;

/// <summary>Where a fault strikes: the server gets there and waits, the test does its part and lets it go on.</summary>
internal sealed class Stage
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task;

    public bool IsOver => _goOn.Task.IsCompleted;

    public void Reach() => _reached.TrySetResult();

    public void GoOn() => _goOn.TrySetResult();

    public Task StayAsync(CancellationToken cancellationToken)
    {
        Reach();
        return _goOn.Task.WaitAsync(cancellationToken);
    }
}
