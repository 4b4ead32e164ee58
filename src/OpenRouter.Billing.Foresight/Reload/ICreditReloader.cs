namespace OpenRouter.Billing.Foresight;

/// <summary>Buys credits, in whatever way the app has: OpenRouter has no API for it. It may ask a person, or open the credits page.</summary>
public interface ICreditReloader
{
    /// <summary>Buys credits.</summary>
    /// <param name="request">How much, and why. It is asked for once: what fails, or is cut by the end of the process, is not asked for again.</param>
    /// <param name="cancellationToken">Ends with <see cref="ReloadOptions.CallTimeout"/>.</param>
    /// <returns>What was bought.</returns>
    ValueTask<ReloadAnswer> ReloadAsync(ReloadRequest request, CancellationToken cancellationToken = default);
}
