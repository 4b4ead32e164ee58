namespace OpenRouter.Billing;

/// <summary>Reads what one answer cost, after the fact. Safe for concurrent use.</summary>
public interface IGenerationsClient
{
    /// <summary>Reads one generation, if it is written down yet: that takes seconds to minutes after the answer.</summary>
    /// <param name="id">The answer's id, such as <c>gen-…</c>: its <c>X-Generation-Id</c> header, or the <c>id</c> in its body.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>What was billed, and what for.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is empty.</exception>
    /// <exception cref="CredentialMissingException">No inference key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (404: not written down yet, or never made; 401: the key is unknown) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /generation</c>.</remarks>
    Task<Generation> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Reads one generation as soon as it is written down: asks now, after a second, and then ever more rarely.</summary>
    /// <param name="id">The answer's id, such as <c>gen-…</c>: its <c>X-Generation-Id</c> header, or the <c>id</c> in its body.</param>
    /// <param name="timeout">How long to go on asking. What is not there by then may never come: an id is no proof of a charge.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>What was billed, and what for.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is empty, or <paramref name="timeout"/> is negative or longer than 40 days.</exception>
    /// <exception cref="CredentialMissingException">No inference key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">The last answer in the time was 404; or, at once, OpenRouter answered anything else that is no generation.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /generation</c>, repeated while it answers 404.</remarks>
    Task<Generation> WaitForAsync(string id, TimeSpan timeout, CancellationToken cancellationToken = default);
}
