using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>Writes alerts into the log: information, warnings, and errors for what is urgent.</summary>
internal sealed class LoggerAlertSink(ILogger logger) : IAlertSink
{
    public ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default)
    {
        switch (alert.Severity)
        {
            case AlertSeverity.Info:
                AlertLog.Info(logger, alert.Kind, alert.Message);
                break;
            case AlertSeverity.Warning:
                AlertLog.Warning(logger, alert.Kind, alert.Message);
                break;
            default:
                AlertLog.Urgent(logger, alert.Kind, alert.Message);
                break;
        }

        return ValueTask.CompletedTask;
    }
}
