namespace OpenRouter.Billing;

/// <summary>How much all keys of a workspace may spend together in one window. What was spent shows only in <see cref="ApiKeyStatus.Budgets"/> of its keys.</summary>
/// <remarks>Read from <c>data</c> of <c>GET /workspaces/{id}/budgets</c> and <c>GET /workspaces/{id}/budgets/{interval}</c>.</remarks>
public sealed record WorkspaceBudget
{
    /// <summary>Gets the budget's id, a UUID.</summary>
    /// <remarks>Read from <c>id</c>.</remarks>
    public required string Id { get; init; }

    /// <summary>Gets the id of the workspace, a UUID.</summary>
    /// <value><see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>workspace_id</c>.</remarks>
    public string? WorkspaceId { get; init; }

    /// <summary>Gets the window.</summary>
    /// <value>An empty word when the server did not say.</value>
    /// <remarks>Read from <c>reset_interval</c>, where null means lifetime.</remarks>
    public required BudgetInterval Interval { get; init; }

    /// <summary>Gets how much may be spent in one window.</summary>
    /// <value>US dollars; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>limit_usd</c>.</remarks>
    public decimal? Limit { get; init; }

    /// <summary>Gets when the budget was made.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>created_at</c>.</remarks>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets when the budget was last changed.</summary>
    /// <value>UTC; <see langword="null"/> when the server did not say.</value>
    /// <remarks>Read from <c>updated_at</c>.</remarks>
    public DateTimeOffset? UpdatedAt { get; init; }
}
