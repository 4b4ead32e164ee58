namespace OpenRouter.Billing;

/// <summary>Reads and changes guardrails and whom they bind. Safe for concurrent use.</summary>
/// <remarks>
/// All calls need a management key. Beside the exceptions that each member names, every call throws
/// <see cref="CredentialMissingException"/> when the options lack that key (nothing was sent),
/// <see cref="OpenRouterApiException"/> when OpenRouter refuses (401: the key is unknown, disabled or expired; 403: it is
/// no management key; 404: there is no such guardrail, or it is a default one that was never configured) and
/// <see cref="OpenRouterConnectionException"/> when no answer came. A change is sent once: it is repeated only if no
/// connection came about.
/// </remarks>
public interface IGuardrailsClient
{
    /// <summary>Gets whom guardrails bind.</summary>
    IGuardrailAssignmentsClient Assignments { get; }

    /// <summary>Lists the guardrails of a workspace, page by page while they are read.</summary>
    /// <param name="workspaceId">The workspace; <see langword="null"/> for the account's default workspace alone.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each guardrail once.</returns>
    /// <remarks><c>GET /guardrails</c>.</remarks>
    IAsyncEnumerable<Guardrail> ListAsync(Guid? workspaceId = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one guardrail.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The guardrail.</returns>
    /// <remarks><c>GET /guardrails/{id}</c>.</remarks>
    Task<Guardrail> GetAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Makes a guardrail, which binds nobody until it is assigned.</summary>
    /// <param name="draft">Its name, limit and rules.</param>
    /// <param name="cancellationToken">Gives the call up; the guardrail may then have been made all the same.</param>
    /// <returns>The guardrail.</returns>
    /// <exception cref="ArgumentException">A limit comes without its interval or the other way round, is negative, or a list is empty; nothing was sent.</exception>
    /// <remarks><c>POST /guardrails</c>.</remarks>
    Task<Guardrail> CreateAsync(GuardrailDraft draft, CancellationToken cancellationToken = default);

    /// <summary>Changes a guardrail. A workspace's default one (<see cref="Workspace.DefaultGuardrailId"/>) comes into being with its first change.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="update">What to change; the rest stays.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The guardrail after the change.</returns>
    /// <exception cref="ArgumentException">The limit is negative or a list is empty; nothing was sent.</exception>
    /// <remarks><c>PATCH /guardrails/{id}</c>.</remarks>
    Task<Guardrail> UpdateAsync(string id, GuardrailUpdate update, CancellationToken cancellationToken = default);

    /// <summary>Deletes a guardrail with its assignments.</summary>
    /// <param name="id">Its UUID.</param>
    /// <param name="cancellationToken">Gives the call up; the guardrail may then be gone all the same.</param>
    /// <returns>The call.</returns>
    /// <remarks><c>DELETE /guardrails/{id}</c>.</remarks>
    Task DeleteAsync(string id, CancellationToken cancellationToken = default);
}
