namespace OpenRouter.Billing.Guard;

/// <summary>Small values under names, which all processes that share them see, each with a version. Safe for concurrent use.</summary>
/// <remarks>
/// For what must happen once however many processes run: one reading of the account's figures, one alert per threshold. Who
/// wants to change a value reads it, and writes with the version that was read; of several that do so at once, one wins.
/// </remarks>
public interface ISharedState
{
    /// <summary>Reads a value.</summary>
    /// <param name="name">Its name, up to 200 characters.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    /// <returns>The value; <see langword="null"/> when there is none, or none any more.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    ValueTask<SharedValue?> ReadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Writes a value, if nobody wrote it since it was read.</summary>
    /// <param name="name">Its name, up to 200 characters.</param>
    /// <param name="text">The value.</param>
    /// <param name="expectedVersion">The version that was read; 0 where there was none.</param>
    /// <param name="keepFor">After which time it is forgotten; <see langword="null"/> for never.</param>
    /// <param name="cancellationToken">Gives the writing up; it may have been done.</param>
    /// <returns><see langword="false"/> when the value has another version by now; nothing is changed then.</returns>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    ValueTask<bool> TryWriteAsync(string name, string text, long expectedVersion, TimeSpan? keepFor = null, CancellationToken cancellationToken = default);
}
