namespace OpenRouter.Billing;

/// <summary>All budgets of a workspace.</summary>
public sealed record WorkspaceBudgets
{
    /// <summary>Gets the budgets, one for each window that has one.</summary>
    /// <value>Empty when the workspace has none: it may then spend what the account has.</value>
    public required IReadOnlyList<WorkspaceBudget> Budgets { get; init; }

    /// <summary>Gets whether spending through the account's own provider keys counts in all of them.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>include_byok_in_budgets</c> of <c>GET /workspaces/{id}/budgets</c>.</remarks>
    public bool? IncludesByok { get; init; }

    /// <summary>Finds the budget of a window.</summary>
    /// <param name="interval">The window.</param>
    /// <returns>The budget; <see langword="null"/> when that window has none.</returns>
    public WorkspaceBudget? Find(BudgetInterval interval) => Budgets.FirstOrDefault(budget => budget.Interval == interval);
}
