namespace OpenRouter.Billing;

/// <summary>Reads and changes workspaces. Safe for concurrent use.</summary>
/// <remarks>
/// A workspace is named by its UUID or its slug. All calls need a management key. Beside the exceptions that each member
/// names, every call throws <see cref="CredentialMissingException"/> when the options lack that key (nothing was sent),
/// <see cref="OpenRouterApiException"/> when OpenRouter refuses (401: the key is unknown, disabled or expired; 403: it is
/// no management key or may not do this; 404: there is no such workspace) and <see cref="OpenRouterConnectionException"/>
/// when no answer came. A change is sent once: it is repeated only if no connection came about.
/// </remarks>
public interface IWorkspacesClient
{
    /// <summary>Gets the budgets of workspaces.</summary>
    IWorkspaceBudgetsClient Budgets { get; }

    /// <summary>Gets the members of workspaces.</summary>
    IWorkspaceMembersClient Members { get; }

    /// <summary>Lists all workspaces, page by page while they are read.</summary>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>Each workspace once.</returns>
    /// <remarks><c>GET /workspaces</c>.</remarks>
    IAsyncEnumerable<Workspace> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads one workspace.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The workspace.</returns>
    /// <remarks><c>GET /workspaces/{id}</c>.</remarks>
    Task<Workspace> GetAsync(string workspace, CancellationToken cancellationToken = default);

    /// <summary>Makes a workspace.</summary>
    /// <param name="draft">Its name, slug and settings.</param>
    /// <param name="cancellationToken">Gives the call up; the workspace may then have been made all the same.</param>
    /// <returns>The workspace.</returns>
    /// <exception cref="ArgumentException">Name or slug are not of the required form; nothing was sent.</exception>
    /// <remarks><c>POST /workspaces</c>.</remarks>
    Task<Workspace> CreateAsync(WorkspaceDraft draft, CancellationToken cancellationToken = default);

    /// <summary>Changes a workspace.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="update">What to change; the rest stays.</param>
    /// <param name="cancellationToken">Gives the call up; the change may then have been made all the same.</param>
    /// <returns>The workspace after the change.</returns>
    /// <exception cref="ArgumentException">Name or slug are not of the required form; nothing was sent.</exception>
    /// <remarks><c>PATCH /workspaces/{id}</c>.</remarks>
    Task<Workspace> UpdateAsync(string workspace, WorkspaceUpdate update, CancellationToken cancellationToken = default);

    /// <summary>Deletes a workspace with its budgets and guardrails. OpenRouter refuses while keys are active in it.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="confirmDefaultWorkspaceDeletion">
    /// Whether the default workspace may be deleted too, which switches off the account's keys that lie in no workspace; <see langword="false"/> by default.
    /// </param>
    /// <param name="cancellationToken">Gives the call up; the workspace may then be gone all the same.</param>
    /// <returns>The call.</returns>
    /// <remarks><c>DELETE /workspaces/{id}</c>.</remarks>
    Task DeleteAsync(string workspace, bool confirmDefaultWorkspaceDeletion = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves money from one workspace's budget to another's: lowers the first, then raises the second. If the second change
    /// is refused, the first is undone. Between the two the amount is allotted to nobody, and never to both.
    /// </summary>
    /// <param name="fromWorkspace">The UUID or slug of the workspace that gives.</param>
    /// <param name="toWorkspace">The UUID or slug of the workspace that receives.</param>
    /// <param name="interval">The window whose budgets change; both workspaces have one.</param>
    /// <param name="amount">US dollars, above zero and less than the first budget.</param>
    /// <param name="cancellationToken">Gives the move up before anything is changed. Once begun it is finished, within the time bounds of the options.</param>
    /// <returns>Both budgets after the move.</returns>
    /// <exception cref="ArgumentException">The amount is not above zero or not below the first budget, both workspaces are the same, or one has no such budget; nothing was changed.</exception>
    /// <exception cref="BudgetOrderException">A budget of a longer window would no longer be above one of a shorter; nothing was changed.</exception>
    /// <exception cref="BudgetMoveException">The move failed; it says what stands.</exception>
    /// <remarks><c>GET /workspaces/{id}/budgets</c> and <c>PUT /workspaces/{id}/budgets/{interval}</c>, for each of the two. Moves of one client wait for each other; do not change the same budgets elsewhere meanwhile.</remarks>
    Task<BudgetMove> MoveBudgetAsync(string fromWorkspace, string toWorkspace, BudgetInterval interval, decimal amount, CancellationToken cancellationToken = default);
}
