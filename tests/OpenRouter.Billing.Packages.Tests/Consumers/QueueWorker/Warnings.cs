using OpenRouter.Billing.Foresight;

namespace QueueWorker;

/// <summary>Where warnings arrive.</summary>
internal sealed class Warnings : IAlertSink
{
    private static readonly TaskCompletionSource<BillingAlert> Told = new();

    public static Task<BillingAlert> First => Told.Task;

    public ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        Told.TrySetResult(alert);
        return ValueTask.CompletedTask;
    }
}
