namespace OpenRouter.Billing.Foresight;

/// <summary>Has an account reloaded when it is time: asks the app's <see cref="ICreditReloader"/>, and waits for the credits. Safe for concurrent use.</summary>
public interface IBillingReload
{
    /// <summary>Says at which balance to reload, and how much. Nothing is bought.</summary>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>The advice with its reasons.</returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    Task<ReloadAdvice> AdviseAsync(CancellationToken cancellationToken = default);

    /// <summary>Looks whether it is time, and if so has the app's hook buy credits, records them as a purchase, and waits until they are there.</summary>
    /// <param name="progress">Is told of each look at the account while credits are waited for; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Gives up: before the hook is called nothing has happened, later it is not called again.</param>
    /// <returns>What came of it, after up to an hour when credits were bought.</returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably, and nothing was bought.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time, and nothing was bought.</exception>
    /// <exception cref="InvalidDataException">Another version of the app wrote down who reloads, and this one cannot read it; nothing was bought.</exception>
    /// <remarks>
    /// Call it as often as you like, from as many processes as you like. All that share the account's <see cref="Guard.ISharedState"/>
    /// together call the hook at most once per <see cref="ReloadOptions.Cooldown"/>, and as often and for as much per UTC day as the
    /// options allow: that they are about to is written down first, so a process that ends in between has lost its turn.
    /// </remarks>
    Task<ReloadReport> RunOnceAsync(IProgress<CreditArrival>? progress = null, CancellationToken cancellationToken = default);
}
