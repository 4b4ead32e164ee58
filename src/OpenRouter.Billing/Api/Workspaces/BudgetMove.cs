namespace OpenRouter.Billing;

/// <summary>What stands after a move of money between the budgets of two workspaces.</summary>
public sealed record BudgetMove
{
    /// <summary>Gets the window whose budgets changed.</summary>
    public required BudgetInterval Interval { get; init; }

    /// <summary>Gets how much was to be moved.</summary>
    /// <value>US dollars.</value>
    public required decimal Amount { get; init; }

    /// <summary>Gets the budget of the workspace that gives, as it stands.</summary>
    /// <value>US dollars; <see langword="null"/> when the last change to it may or may not have been made.</value>
    public required decimal? FromLimit { get; init; }

    /// <summary>Gets the budget of the workspace that receives, as it stands.</summary>
    /// <value>US dollars; <see langword="null"/> when the last change to it may or may not have been made.</value>
    public required decimal? ToLimit { get; init; }

    /// <summary>Gets what the budget of the workspace that gives was before.</summary>
    /// <value>US dollars.</value>
    public required decimal FromLimitBefore { get; init; }

    /// <summary>Gets what the budget of the workspace that receives was before.</summary>
    /// <value>US dollars.</value>
    public required decimal ToLimitBefore { get; init; }
}
