using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>Looks at an account again and again, as long as the app runs, when it is this process's turn.</summary>
internal sealed class BillingMonitor(BillingAlerts alerts, PollTurn turn, AutomaticReload? reload, Func<BillingAlertOptions> options, ILogger logger, TimeProvider timeProvider) : BackgroundService
{
    private const int JitterParts = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(await LookAsync(stoppingToken).ConfigureAwait(false), timeProvider, stoppingToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await (reload?.EndAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    /// <summary>Looks if it is this process's turn.</summary>
    /// <returns>After which time to ask for the turn again.</returns>
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        var interval = options().PollInterval;
        try
        {
            var wait = await turn.TryTakeAsync(interval, cancellationToken).ConfigureAwait(false);
            if (wait <= TimeSpan.Zero)
            {
                await CheckAsync(cancellationToken).ConfigureAwait(false);
                wait = interval;
            }

            return Jittered(wait, interval);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // whatever goes wrong, the next look must come
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AlertLog.CheckFailed(logger, exception);
            return Jittered(interval, interval);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var failed = true;
        try
        {
            // A sink that takes its time must not keep the account from being looked at.
            var look = await alerts.LookAsync(cancellationToken).ConfigureAwait(false);
            reload?.Begin(look.Review.Balance, cancellationToken);
            failed = false;
        }
        finally
        {
            await turn.EndAsync(failed, cancellationToken).ConfigureAwait(false);
        }
    }

    // Those who share a state should not ask all at the same moment whose turn it is.
    private static TimeSpan Jittered(TimeSpan wait, TimeSpan interval) => wait + (interval / 10 / JitterParts * RandomNumberGenerator.GetInt32(JitterParts + 1));
}
