using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Foresight;

/// <inheritdoc cref="IBillingAlerts"/>
internal sealed class BillingAlerts(AlertBook book, AlertDelivery delivery, Func<CancellationToken, Task<AccountReview>> review, Func<BillingAlertOptions> options, ILogger logger) : IBillingAlerts, IAsyncDisposable, IDisposable
{
#pragma warning disable CA2213 // deliveries that end just when the app does still look at it, and it holds no timer
    private readonly CancellationTokenSource _stopping = new();
#pragma warning restore CA2213
    private readonly object _gate = new();
    private readonly HashSet<Task> _running = [];
    private int _isDisposed;

    public async Task<IReadOnlyList<BillingAlert>> CheckAsync(CancellationToken cancellationToken = default)
    {
        var look = await LookAsync(cancellationToken).ConfigureAwait(false);
        await look.Delivered.WaitAsync(cancellationToken).ConfigureAwait(false);
        return look.Told;
    }

    /// <summary>Looks at the account and begins to tell what is new.</summary>
    /// <returns>What was read, what is told, and when all of it is delivered, which never fails.</returns>
    public async Task<(AccountReview Review, IReadOnlyList<BillingAlert> Told, Task Delivered)> LookAsync(CancellationToken cancellationToken)
    {
        var current = options();
        var lost = await book.TakeOverAsync(cancellationToken).ConfigureAwait(false);
        var lostDelivered = Deliver(lost);
        var read = await review(cancellationToken).ConfigureAwait(false);
        var conditions = new AlertRules(current, read).Conditions().ToList();
        var news = await book.NoteAsync(conditions, [.. current.Recipients], cancellationToken).ConfigureAwait(false);
        return (read, [.. lost, .. news], Task.WhenAll(lostDelivered, Deliver(news)));
    }

    public async Task<bool> RaiseAsync(AlertNotice notice, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentException.ThrowIfNullOrWhiteSpace(notice.Message, $"{nameof(notice)}.{nameof(notice.Message)}");
        ArgumentException.ThrowIfNullOrWhiteSpace(notice.Once, $"{nameof(notice)}.{nameof(notice.Once)}");
        var current = options();
        if (current.Muted.Contains(notice.Kind))
        {
            return false;
        }

        var news = await book.NoteAsync(notice, [.. current.Recipients], cancellationToken).ConfigureAwait(false);
        _ = Deliver(news);
        return news.Count > 0;
    }

    /// <summary>Ends what is being delivered; it stays pending, for the next process that shares the state.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    /// <summary>The same without waiting. A container disposes of it once per name that it is registered under.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _stopping.Cancel();
        }
    }

    // A caller that leaves does not take the alert along: it is noted as told, so it is told.
    private Task Deliver(IReadOnlyList<BillingAlert> alerts)
    {
        var whole = Task.WhenAll(alerts.Select(DeliverAsync));
        lock (_gate)
        {
            _running.Add(whole);
        }

        _ = whole.ContinueWith(
            done =>
            {
                lock (_gate)
                {
                    _running.Remove(done);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return whole;
    }

    private async Task DeliverAsync(BillingAlert alert)
    {
        try
        {
            if (await delivery.DeliverAsync(alert, _stopping.Token).ConfigureAwait(false))
            {
                await book.StrikeOffAsync(alert.Id, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It stays pending.
        }
#pragma warning disable CA1031 // nobody waits for this, and it stays pending
        catch (Exception exception)
#pragma warning restore CA1031
        {
            AlertLog.Lost(logger, alert.Id, nameof(AlertBook), exception);
        }
    }
}
