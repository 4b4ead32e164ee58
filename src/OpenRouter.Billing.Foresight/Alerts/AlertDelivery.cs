using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <summary>Hands alerts to the sinks that they are for, each within a bounded time, and a bounded number at once.</summary>
internal sealed class AlertDelivery(IReadOnlyList<SinkRoute> routes, ILogger logger, TimeProvider timeProvider)
{
    private const int MostAtOnce = 16;

    /// <summary>Shorter than the claim on an alert, so that no two processes deliver it at once.</summary>
    private static readonly TimeSpan LongestDelivery = TimeSpan.FromMinutes(6);

    private int _busy;

    /// <summary>Delivers an alert. Whatever a sink does, this ends, and without an exception but for cancellation.</summary>
    /// <returns><see langword="false"/> when there was no room: it is to be tried again later.</returns>
    public async Task<bool> DeliverAsync(BillingAlert alert, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _busy) > MostAtOnce)
        {
            Interlocked.Decrement(ref _busy);
            AlertLog.NoRoom(logger, alert.Id);
            return false;
        }

        try
        {
            await Task.WhenAll(routes.Where(route => route.Takes(alert)).Select(route => SendAsync(route.Sink, alert, cancellationToken))).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    private async Task SendAsync(IAlertSink sink, BillingAlert alert, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(LongestDelivery, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            // A sink that heeds no cancellation is left behind.
            await Task.Run(() => sink.SendAsync(alert, either.Token).AsTask(), CancellationToken.None).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // whatever a sink throws must not keep the others from their alert
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AlertLog.Lost(logger, alert.Id, sink.GetType().Name, exception);
        }
    }
}
