using Microsoft.Extensions.Logging;
using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing.Guard;

/// <summary>Asks what processes share and waits no longer than a bound, whatever keeps it does. What fails is told once, and not asked again for a while.</summary>
internal sealed class BoundedState(ISharedState state, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    // What is in memory never blocks.
    private readonly bool _isInMemory = state is InMemorySharedState;
    private long _failedAt;
    private volatile bool _hasFailed;

    /// <summary>Reads a value.</summary>
    public async Task<SharedLook> ReadAsync(string name)
    {
        var since = timeProvider.GetTimestamp();
        var (isDown, value) = await TryAsync(cancellationToken => state.ReadAsync(name, cancellationToken)).ConfigureAwait(false);
        return new SharedLook(isDown, value, timeProvider.GetElapsedTime(since));
    }

    /// <summary>Writes a value, if nobody wrote it since it was read. What is not known to be written counts as not written.</summary>
    public async Task<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan keepFor) =>
        (await TryAsync(cancellationToken => state.TryWriteAsync(name, text, expectedVersion, keepFor, cancellationToken)).ConfigureAwait(false)).Answer;

    private async Task<(bool IsDown, TAnswer? Answer)> TryAsync<TAnswer>(Func<CancellationToken, ValueTask<TAnswer>> call)
    {
        if (_hasFailed && timeProvider.GetElapsedTime(Volatile.Read(ref _failedAt)) < Pause)
        {
            return (true, default);
        }

        using var patience = new CancellationTokenSource(Patience, timeProvider);
        var token = patience.Token;
        try
        {
            // A database driver may block, and may not heed the token.
            var calling = _isInMemory ? call(token).AsTask() : Task.Run(() => call(token).AsTask(), CancellationToken.None);
            var answer = await calling.WaitAsync(token).ConfigureAwait(false);
            _hasFailed = false;
            return (false, answer);
        }
#pragma warning disable CA1031 // without it every process asks for itself, as if there were no others: whatever fails changes nothing but that
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_hasFailed)
            {
                GuardLog.SharedStateUnavailable(logger, exception);
            }

            Volatile.Write(ref _failedAt, timeProvider.GetTimestamp());
            _hasFailed = true;
            return (true, default);
        }
    }
}
