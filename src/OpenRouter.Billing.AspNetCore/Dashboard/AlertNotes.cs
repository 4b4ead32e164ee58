using OpenRouter.Billing.Foresight;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>The latest alerts that <c>AddBillingAlerts</c> has sent, in bounded memory. Safe for concurrent use.</summary>
internal sealed class AlertNotes : IAlertSink
{
    private const int MaxNotes = 10;

    private readonly object _gate = new();
    private readonly Queue<AlertReport> _notes = new();

    public ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        var severity = alert.Severity switch { AlertSeverity.Urgent => "urgent", AlertSeverity.Warning => "warning", _ => "info" };
        lock (_gate)
        {
            _notes.Enqueue(new AlertReport(severity, alert.Message) { At = alert.RaisedAt });
            if (_notes.Count > MaxNotes)
            {
                _notes.Dequeue();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Gets the alerts, the latest first.</summary>
    public IReadOnlyList<AlertReport> Latest()
    {
        lock (_gate)
        {
            return [.. _notes.Reverse()];
        }
    }
}
