using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>Reloads an account when a look at it says so, beside the looks, because credits may take an hour to arrive.</summary>
internal sealed class AutomaticReload(Func<Forecast, CancellationToken, Task<ReloadReport>> reload, ILogger logger)
{
    private Task _running = Task.CompletedTask;

    /// <summary>Begins a reload if it is time, unless one is under way.</summary>
    /// <param name="balance">How long the balance lasts, as just read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public void Begin(Forecast balance, CancellationToken cancellationToken)
    {
        if (_running.IsCompleted)
        {
            _running = Task.Run(() => RunAsync(balance, cancellationToken), CancellationToken.None);
        }
    }

    /// <summary>Waits until what was begun is over. It never fails.</summary>
    public Task EndAsync() => _running;

    private async Task RunAsync(Forecast balance, CancellationToken cancellationToken)
    {
        try
        {
            var report = await reload(balance, cancellationToken).ConfigureAwait(false);
            if (report.Id is not null)
            {
                ReloadLog.Ended(logger, report.Outcome, report.Advice.Amount, report.Fault);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The app ends. What was claimed stays claimed, so nobody buys a second time.
        }
#pragma warning disable CA1031 // whatever goes wrong, the next look tries again; the log is all that a fault can reach
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ReloadLog.Failed(logger, exception);
        }
    }
}
