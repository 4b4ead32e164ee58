using System.Data.Common;
using System.Security.Cryptography;

namespace OpenRouter.Billing.Sql;

/// <summary>
/// Calls a database under a timeout, and within it retries transient faults, with a backoff that doubles. A circuit breaker
/// stands before the calls.
/// </summary>
internal sealed class BoundedCalls(TimeSpan timeout, TimeProvider timeProvider)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    public Availability Availability { get; } = new(timeProvider);

    /// <summary>Makes a call.</summary>
    /// <param name="call">The call; it is told whether an earlier attempt may have been carried out.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="SqlLedgerUnavailableException">It failed, or took too long; it may have been carried out.</exception>
    public async Task<T> CallAsync<T>(Func<bool, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isTrial = Availability.Enter();
        using var bound = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        Exception? last = null;
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var isRepeated = last is not null;
                var result = await BoundAsync(Detached.CallAsync(() => call(isRepeated, either.Token)), either.Token).ConfigureAwait(false);
                Availability.Succeeded(isTrial);
                return result;
            }
            catch (Exception exception) when (cancellationToken.IsCancellationRequested)
            {
                Availability.GivenUp(isTrial);
                throw new OperationCanceledException(exception.Message, exception, cancellationToken);
            }
#pragma warning disable CA1031 // whatever a driver throws, the caller gets one exception that tells of it
            catch (Exception exception)
#pragma warning restore CA1031
            {
                last = bound.IsCancellationRequested ? last ?? exception : exception;
                if (bound.IsCancellationRequested || exception is not DbException { IsTransient: true } || !await PauseAsync(Jittered(pause), either.Token).ConfigureAwait(false))
                {
                    throw Unavailable(last, isTrial, cancellationToken);
                }
            }
        }
    }

    // A driver need not heed the token at once; the caller is not kept waiting for it.
    private static async Task<T> BoundAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        if (task.IsCompleted)
        {
            return await task.ConfigureAwait(false);
        }

        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = task.ContinueWith(static abandoned => abandoned.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    // A fleet that lost its database at one instant does not come back at one instant.
    private static TimeSpan Jittered(TimeSpan pause) => pause * (1 - (RandomNumberGenerator.GetInt32(501) / 1000.0));

    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private Exception Unavailable(Exception fault, bool isTrial, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            Availability.GivenUp(isTrial);
            return new OperationCanceledException(cancellationToken);
        }

        if (DatabaseFault.IsOfStatement(fault))
        {
            Availability.Refused(isTrial, fault);
        }
        else
        {
            Availability.Failed(isTrial, fault);
        }

        return fault is SqlLedgerUnavailableException ? fault
            : fault is OperationCanceledException or TimeoutException
            ? new SqlLedgerUnavailableException($"The ledger's database did not answer within {timeout:c}.", fault)
            : new SqlLedgerUnavailableException($"The ledger's database did not do what it was asked ({DatabaseFault.Describe(fault)}); the inner exception says why.", fault);
    }
}
