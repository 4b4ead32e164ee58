namespace OpenRouter.Billing.Foresight;

/// <summary>Where alerts go. Implementations are called by several at once.</summary>
public interface IAlertSink
{
    /// <summary>Delivers an alert.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Ends the attempt when the app stops, and after 6 minutes.</param>
    /// <returns>The delivery. An exception is logged as a lost alert and disturbs no other sink.</returns>
    ValueTask SendAsync(BillingAlert alert, CancellationToken cancellationToken = default);
}
