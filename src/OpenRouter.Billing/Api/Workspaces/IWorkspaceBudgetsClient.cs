namespace OpenRouter.Billing;

/// <summary>Reads and changes the budgets of workspaces. Safe for concurrent use; throws as <see cref="IWorkspacesClient"/> says.</summary>
public interface IWorkspaceBudgetsClient
{
    /// <summary>Lists the budgets of a workspace.</summary>
    /// <param name="workspace">Its UUID or slug.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The budgets; none for a workspace without any, for which OpenRouter answers 404.</returns>
    /// <remarks><c>GET /workspaces/{id}/budgets</c>, and <c>GET /workspaces/{id}</c> after a 404.</remarks>
    Task<WorkspaceBudgets> ListAsync(string workspace, CancellationToken cancellationToken = default);

    /// <summary>Reads one budget.</summary>
    /// <param name="workspace">The workspace's UUID or slug.</param>
    /// <param name="interval">The window.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The budget; <see langword="null"/> when the workspace has none for this window.</returns>
    /// <exception cref="ArgumentException">The window is not daily, weekly, monthly or lifetime; nothing was sent.</exception>
    /// <remarks><c>GET /workspaces/{id}/budgets/{interval}</c>, and <c>GET /workspaces/{id}</c> after a 404.</remarks>
    Task<WorkspaceBudget?> GetAsync(string workspace, BudgetInterval interval, CancellationToken cancellationToken = default);

    /// <summary>Sets a budget, new or in place of the one that is there.</summary>
    /// <param name="workspace">The workspace's UUID or slug.</param>
    /// <param name="interval">The window.</param>
    /// <param name="limit">US dollars, above zero.</param>
    /// <param name="includeByok">Whether spending through the account's own provider keys counts, in all budgets of the workspace; <see langword="null"/> leaves that as it is.</param>
    /// <param name="cancellationToken">Gives the call up; the budget may then have been set all the same.</param>
    /// <returns>The budget.</returns>
    /// <exception cref="ArgumentException">The limit is not above zero, or the window not daily, weekly, monthly or lifetime; nothing was sent.</exception>
    /// <exception cref="BudgetOrderException">A budget of a longer window would not be above one of a shorter; nothing was changed.</exception>
    /// <remarks><c>GET /workspaces/{id}/budgets</c>, then <c>PUT /workspaces/{id}/budgets/{interval}</c>.</remarks>
    Task<WorkspaceBudget> SetAsync(string workspace, BudgetInterval interval, decimal limit, bool? includeByok = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes a budget; one that is not there counts as deleted.</summary>
    /// <param name="workspace">The workspace's UUID or slug.</param>
    /// <param name="interval">The window.</param>
    /// <param name="cancellationToken">Gives the call up; the budget may then be gone all the same.</param>
    /// <returns>The call.</returns>
    /// <exception cref="ArgumentException">The window is not daily, weekly, monthly or lifetime; nothing was sent.</exception>
    /// <remarks><c>DELETE /workspaces/{id}/budgets/{interval}</c>, and <c>GET /workspaces/{id}</c> after a 404.</remarks>
    Task DeleteAsync(string workspace, BudgetInterval interval, CancellationToken cancellationToken = default);
}
