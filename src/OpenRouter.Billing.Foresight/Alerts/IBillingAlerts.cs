namespace OpenRouter.Billing.Foresight;

/// <summary>Tells what happens to an account, each thing once. Safe for concurrent use; lives as long as the app.</summary>
public interface IBillingAlerts
{
    /// <summary>Looks at the account now, whoever's turn it is, and tells what is new.</summary>
    /// <param name="cancellationToken">Gives the look up. What was noted by then is told all the same.</param>
    /// <returns>What was told; empty when nothing is new.</returns>
    /// <exception cref="OpenRouterApiException">OpenRouter refused, or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <exception cref="TimeoutException">Others noted alerts at the same time again and again.</exception>
    /// <remarks>The host does so at each <see cref="BillingAlertOptions.PollInterval"/>; a program without a host calls it by itself. It returns once every sink has taken or given up each alert.</remarks>
    Task<IReadOnlyList<BillingAlert>> CheckAsync(CancellationToken cancellationToken = default);

    /// <summary>Tells something of the app's own.</summary>
    /// <param name="notice">What.</param>
    /// <param name="cancellationToken">Gives the attempt up before it is noted; afterwards it is told all the same.</param>
    /// <returns><see langword="false"/> when the same was told before, by whichever process, or its kind is muted. The sinks get it in the background.</returns>
    /// <exception cref="ArgumentException">The message or <see cref="AlertNotice.Once"/> is empty.</exception>
    /// <exception cref="TimeoutException">Others noted alerts at the same time again and again.</exception>
#pragma warning disable CA1030 // alerts are raised, and nobody subscribes to this object
    Task<bool> RaiseAsync(AlertNotice notice, CancellationToken cancellationToken = default);
#pragma warning restore CA1030
}
