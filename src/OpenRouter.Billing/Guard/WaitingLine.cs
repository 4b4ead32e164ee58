namespace OpenRouter.Billing.Guard;

/// <summary>Lets one at a time wait at the head, and the others behind in the order in which they came.</summary>
#pragma warning disable CA1001 // the semaphore holds nothing to dispose of while nobody asks for its wait handle
internal sealed class WaitingLine(TimeProvider timeProvider)
#pragma warning restore CA1001
{
    // One waiter needs no more than this to make sure that a limit which should be open by now really is.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _head = new(1, 1);

    /// <summary>Tries again each time that the limit is said to open, until it is open or the patience ends.</summary>
    /// <param name="attempt">One attempt.</param>
    /// <param name="opensAt">When the limit opens by which an attempt was refused; null when it was not, or nothing is to be waited for.</param>
    /// <param name="patience">The longest wait, the time in line included.</param>
    /// <param name="cancellationToken">Leaves the line.</param>
    /// <returns>The last attempt; null when the patience ended in line.</returns>
    public async ValueTask<T?> TryInTurnAsync<T>(Func<ValueTask<T>> attempt, Func<T, DateTimeOffset?> opensAt, TimeSpan patience, CancellationToken cancellationToken)
        where T : struct
    {
        var since = timeProvider.GetTimestamp();
        if (!await EnterAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            while (true)
            {
                var last = await attempt().ConfigureAwait(false);
                if (opensAt(last) is not { } opening)
                {
                    return last;
                }

                var wait = opening - timeProvider.GetUtcNow();
                // A ledger with a clock of its own may say that the limit has opened long ago, and refuse all the same.
                wait = wait > LeastPause ? wait : LeastPause;
                if (wait > patience - timeProvider.GetElapsedTime(since))
                {
                    return last;
                }

                await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _head.Release();
        }
    }

    private async ValueTask<bool> EnterAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var impatience = new CancellationTokenSource(patience, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(impatience.Token, cancellationToken);
        try
        {
            await _head.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
