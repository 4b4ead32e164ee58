namespace OpenRouter.Billing.AspNetCore;

/// <summary>Figures that cost calls to read and change slowly: read seldom, and not for every look at the page. For one reader at a time.</summary>
/// <param name="read">Reads them.</param>
/// <param name="serves">How long a reading serves.</param>
/// <param name="timeProvider">The clock.</param>
/// <typeparam name="T">The figures.</typeparam>
internal sealed class Seldom<T>(Func<Task<T>> read, TimeSpan serves, TimeProvider timeProvider)
    where T : class
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    private T? _last;
    private long? _readAt;
    private bool _failed;

    /// <summary>Gets the figures; the last ones when they cannot be read anew, and null when they never could.</summary>
    public async Task<T?> GetAsync()
    {
        if (_readAt is { } at && timeProvider.GetElapsedTime(at) < (_failed ? PauseAfterFailure : serves))
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
