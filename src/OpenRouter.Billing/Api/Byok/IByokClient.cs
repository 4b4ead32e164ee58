namespace OpenRouter.Billing;

/// <summary>Reads and changes the provider keys that the account has stored with OpenRouter ("bring your own key"). Safe for concurrent use.</summary>
/// <remarks>
/// All calls need a management key. Beside the exceptions that each member names, every call throws
/// <see cref="CredentialMissingException"/> when the options lack that key (nothing was sent),
/// <see cref="OpenRouterApiException"/> when OpenRouter refuses (400: the default workspace is deleted, so name one; 401 or
/// 403: the key is unknown, disabled, expired or no management key; 404: there is no such credential) and
/// <see cref="OpenRouterConnectionException"/> when no answer came. A change is sent once: it is repeated only if no
/// connection came about.
/// </remarks>
public interface IByokClient
{
    /// <summary>Lists the stored provider keys of a workspace, page by page while they are read.</summary>
    /// <param name="query">Which ones; <see langword="null"/> for all of the default workspace.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each credential once, without its key.</returns>
    /// <exception cref="ArgumentException">The provider is blank or a key; nothing was sent.</exception>
    /// <remarks><c>GET /byok</c>.</remarks>
    IAsyncEnumerable<ByokCredential> ListAsync(ByokQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one credential.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The credential, without its key.</returns>
    /// <remarks><c>GET /byok/{id}</c>.</remarks>
    Task<ByokCredential> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Stores a provider's key.</summary>
    /// <param name="draft">The key, and what it may be used for.</param>
    /// <param name="cancellationToken">Gives the call up; the key may then be stored all the same.</param>
    /// <returns>The credential, without its key.</returns>
    /// <exception cref="ArgumentException">The provider is blank, a name or list is too long, the list of key hashes is empty or has something else, or the credential is to be a fallback and the only way; nothing was sent.</exception>
    /// <remarks><c>POST /byok</c>.</remarks>
    Task<ByokCredential> CreateAsync(ByokCredentialDraft draft, CancellationToken cancellationToken = default);

    /// <summary>Changes a credential, or replaces its key.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="update">What to change; the rest stays.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The credential after the change, without its key.</returns>
    /// <exception cref="ArgumentException">A name or list is too long, the list of key hashes is empty or has something else, or the credential is to be a fallback and the only way; nothing was sent.</exception>
    /// <remarks><c>PATCH /byok/{id}</c>.</remarks>
    Task<ByokCredential> UpdateAsync(string id, ByokCredentialUpdate update, CancellationToken cancellationToken = default);

    /// <summary>Deletes a credential and its key. Requests then run on OpenRouter's capacity and cost credits.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="cancellationToken">Gives the call up; the credential may then be gone all the same.</param>
    /// <returns>The call.</returns>
    /// <remarks><c>DELETE /byok/{id}</c>.</remarks>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);
}
