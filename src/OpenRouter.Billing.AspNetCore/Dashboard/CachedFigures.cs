namespace OpenRouter.Billing.AspNetCore;

/// <summary>Figures that cost calls to read and change slowly, cached so that not every look at the page reads them. For one reader at a time.</summary>
/// <param name="read">Reads them.</param>
/// <param name="timeToLive">How long a reading serves.</param>
/// <param name="timeProvider">The clock.</param>
/// <typeparam name="T">The figures.</typeparam>
internal sealed class CachedFigures<T>(Func<Task<T>> read, TimeSpan timeToLive, TimeProvider timeProvider)
    where T : class
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    private T? _last;
    private long? _readAt;
    private bool _failed;

    /// <summary>Gets the figures; the last ones when they cannot be read anew, and null when they never could.</summary>
    public async Task<T?> GetAsync()
    {
        if (_readAt is { } at && timeProvider.GetElapsedTime(at) < (_failed ? PauseAfterFailure : timeToLive))
        {
            return _last;
        }

        try
        {
            _last = await read().ConfigureAwait(false);
            _failed = false;
        }
#pragma warning disable CA1031 // the page does without: an ordinary key may not read it, a ledger of the app's own throws what it will, and a fault passes
        catch (Exception)
#pragma warning restore CA1031
        {
            _failed = true;
        }

        _readAt = timeProvider.GetTimestamp();
        return _last;
    }
}
