namespace OpenRouter.Billing.Foresight;

/// <summary>Hands alerts to a function.</summary>
internal sealed class DelegateAlertSink(Func<BillingAlert, CancellationToken, ValueTask> send) : IAlertSink
{
    public ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default) => send(alert, cancellationToken);
}
