namespace OpenRouter.Billing.Foresight;

/// <summary>A sink, and for whom it is.</summary>
internal sealed record SinkRoute(IAlertSink Sink, IReadOnlyList<string> Recipients)
{
    /// <summary>Who is named nowhere gets all, and what names nobody goes to all.</summary>
    public bool Takes(BillingAlert alert) =>
        Recipients.Count == 0 || alert.Recipients.Count == 0 || alert.Recipients.Any(recipient => Recipients.Contains(recipient, StringComparer.OrdinalIgnoreCase));
}
