namespace OpenRouter.Billing;

/// <summary>Reads and changes keys. Safe for concurrent use.</summary>
/// <remarks>
/// All but <see cref="GetCurrentAsync"/> need a management key. Beside the exceptions that each member names, every call
/// throws <see cref="CredentialMissingException"/> when the options lack the key that it needs (nothing was sent),
/// <see cref="OpenRouterApiException"/> when OpenRouter refuses (401: the key is unknown, disabled or expired; 403: it is
/// no management key; 404: there is no such key) and <see cref="OpenRouterConnectionException"/> when no answer came.
/// A change is sent once: it is repeated only if no connection came about, so that nothing is done twice.
/// </remarks>
public interface IKeysClient
{
    /// <summary>Reads what OpenRouter says about the inference key of the options.</summary>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The key's limits, spending and rights.</returns>
    /// <exception cref="CredentialMissingException">No inference key is set; nothing was sent.</exception>
    /// <exception cref="OpenRouterApiException">OpenRouter refused (401: the key is unknown, disabled or expired) or answered unreadably.</exception>
    /// <exception cref="OpenRouterConnectionException">No answer came in time.</exception>
    /// <remarks><c>GET /key</c>.</remarks>
    Task<ApiKeyStatus> GetCurrentAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists keys, newest first, page by page while they are read. Management and OAuth keys are never listed.</summary>
    /// <param name="query">Which ones; <see langword="null"/> for the working keys of the default workspace.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each key once, also when others change keys meanwhile; one may then be missed.</returns>
    /// <exception cref="ArgumentException">The query names a workspace and asks for all of them.</exception>
    /// <remarks><c>GET /keys</c>, and <c>GET /workspaces</c> for all workspaces.</remarks>
    IAsyncEnumerable<ApiKey> ListAsync(KeyQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one key.</summary>
    /// <param name="hash">The key's hash, 64 hexadecimal digits.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The key.</returns>
    /// <remarks><c>GET /keys/{hash}</c>.</remarks>
    Task<ApiKey> GetAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>Makes a key.</summary>
    /// <param name="draft">What it is called and what it may spend.</param>
    /// <param name="cancellationToken">Gives the call up; the key may then have been made all the same.</param>
    /// <returns>The key with its secret, which is shown this once.</returns>
    /// <exception cref="ArgumentException">The name is blank, the limit negative, or the expiry not in UTC; nothing was sent.</exception>
    /// <remarks><c>POST /keys</c>.</remarks>
    Task<NewKey> CreateAsync(KeyDraft draft, CancellationToken cancellationToken = default);

    /// <summary>Changes a key.</summary>
    /// <param name="hash">The key's hash, 64 hexadecimal digits.</param>
    /// <param name="update">What to change; the rest stays.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The key after the change.</returns>
    /// <exception cref="ArgumentException">The limit is negative; nothing was sent.</exception>
    /// <remarks><c>PATCH /keys/{hash}</c>.</remarks>
    Task<ApiKey> UpdateAsync(string hash, KeyUpdate update, CancellationToken cancellationToken = default);

    /// <summary>Switches a key off: requests with it are refused with 401 from now on.</summary>
    /// <param name="hash">The key's hash, 64 hexadecimal digits.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The key after the change.</returns>
    /// <remarks><c>PATCH /keys/{hash}</c> with <c>disabled</c>.</remarks>
    Task<ApiKey> DisableAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>Switches a key on again.</summary>
    /// <param name="hash">The key's hash, 64 hexadecimal digits.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The key after the change.</returns>
    /// <remarks><c>PATCH /keys/{hash}</c> with <c>disabled</c>.</remarks>
    Task<ApiKey> EnableAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>Deletes a key for good.</summary>
    /// <param name="hash">The key's hash, 64 hexadecimal digits.</param>
    /// <param name="cancellationToken">Gives the call up; the key may then be gone all the same.</param>
    /// <returns>The call.</returns>
    /// <remarks><c>DELETE /keys/{hash}</c>.</remarks>
    Task DeleteAsync(string hash, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces a key: makes one with the same name, limit, reset, workspace, maker and expiry, asks OpenRouter whether it
    /// works, hands it over, switches the old one off, and deletes that after a grace time. At every moment at least one of
    /// the two works.
    /// </summary>
    /// <param name="hash">The hash of the key to replace, which must work.</param>
    /// <param name="handOver">Stores the new key where the app takes it from. The old key is touched only after this has returned.</param>
    /// <param name="options">Grace time and expiry; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">
    /// Ends the rotation between two steps, in the hand-over or in the grace time; <see cref="KeyRotationOptions.OnAdvanced"/> tells how far it came.
    /// </param>
    /// <returns>The complete rotation, once the grace time is over and the old key is deleted.</returns>
    /// <exception cref="KeyRotationException">A step failed; it says which keys work and what is left to do.</exception>
    /// <exception cref="InvalidOperationException">The old key is disabled or expired, or OpenRouter does not say what it may do; nothing was changed.</exception>
    /// <exception cref="ArgumentException">The grace time is out of its range, or the expiry not in UTC; nothing was changed.</exception>
    /// <remarks>
    /// The new key has the whole limit again, whatever the old one has spent of it. Guardrails that are assigned to the old
    /// key alone are not: assign them in the hand-over.
    /// </remarks>
    Task<KeyRotation> RotateAsync(string hash, Func<NewKey, CancellationToken, ValueTask> handOver, KeyRotationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Switches keys off at once, several at a time, after a leak. A failure stops nothing: the report names it.</summary>
    /// <param name="hashes">The hashes of the keys.</param>
    /// <param name="cancellationToken">Gives the lock-down up; keys may then be off all the same.</param>
    /// <returns>What became of each key.</returns>
    /// <remarks><c>PATCH /keys/{hash}</c> for each.</remarks>
    Task<LockDownReport> LockDownAsync(IEnumerable<string> hashes, CancellationToken cancellationToken = default);

    /// <summary>Switches off all keys of all workspaces but one. Management and OAuth keys are not reached.</summary>
    /// <param name="exceptHash">The hash of the key that goes on working; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Gives the lock-down up; keys may then be off all the same.</param>
    /// <returns>What became of each key, and which lists could not be read.</returns>
    /// <remarks><c>GET /workspaces</c>, <c>GET /keys</c> twice for each, then <c>PATCH /keys/{hash}</c>.</remarks>
    Task<LockDownReport> LockDownAllAsync(string? exceptHash, CancellationToken cancellationToken = default);
}
