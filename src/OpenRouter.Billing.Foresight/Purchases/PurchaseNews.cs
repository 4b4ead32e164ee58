using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace OpenRouter.Billing.Foresight;

/// <summary>Tells of credits that arrived or are late, and of reloads that failed, where an app has alerts. Telling never fails what it tells of.</summary>
internal sealed partial class PurchaseNews(IBillingAlerts? alerts, ILogger logger)
{
    public async Task TellAsync(CreditArrival look, CancellationToken cancellationToken)
    {
        if (look.Stage is CreditArrivalStage.Waiting or CreditArrivalStage.Slow)
        {
            return;
        }

        var hasArrived = look.Stage == CreditArrivalStage.Arrived;
        var kind = hasArrived ? AlertKind.PurchaseArrived : AlertKind.PurchaseLate;
        await TellAsync(
            new AlertNotice
            {
                Kind = kind,
                Severity = hasArrived ? AlertSeverity.Info : AlertSeverity.Warning,
                Message = hasArrived
                    ? Invariant($"{look.Arrived:0.00} USD of credits have arrived.")
                    : Invariant($"{look.Missing:0.00} USD of credits that were paid for at {look.PaidAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC have not arrived. {look.Advice}"),
                Once = Invariant($"purchase/{look.PaidAt.UtcDateTime:O}/{look.Expected}/{kind}"),
                Subject = look.Reference,
                Value = look.Arrived,
                Threshold = look.Expected,
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task TellFailedReloadAsync(ReloadRequest request, CancellationToken cancellationToken) => TellAsync(
        new AlertNotice
        {
            Kind = AlertKind.Reload,
            Severity = AlertSeverity.Urgent,
            Message = Invariant($"{request.Amount:0.00} USD of credits were to be bought, and the app's reloader failed. It may have bought all the same."),
            Once = "reload/" + request.Id,
            Value = request.Amount,
        },
        cancellationToken);

    private async Task TellAsync(AlertNotice notice, CancellationToken cancellationToken)
    {
        if (alerts is null)
        {
            return;
        }

        try
        {
            await alerts.RaiseAsync(notice, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // credits are waited for whether or not anybody can be told; the log is all that a fault can reach
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            NotTold(logger, notice.Kind, exception);
        }
    }

    [LoggerMessage(111, LogLevel.Error, "Nobody could be told of {Kind}.", EventName = "NewsLost")]
    private static partial void NotTold(ILogger logger, AlertKind kind, Exception fault);
}
