namespace OpenRouter.Billing;

/// <summary>OpenRouter's rule: among the budgets that a workspace has, one of a longer window is above every one of a shorter.</summary>
internal static class BudgetOrder
{
    /// <summary>Throws when a new limit would break the rule.</summary>
    public static void Check(WorkspaceBudgets standing, BudgetInterval interval, decimal limit)
    {
        foreach (var other in standing.Budgets.Where(budget => budget.Interval.Breadth is not null && budget.Interval != interval && budget.Limit is not null))
        {
            var isLonger = other.Interval.Breadth > interval.Breadth;
            if (isLonger ? other.Limit <= limit : other.Limit >= limit)
            {
                throw isLonger
                    ? new BudgetOrderException(other.Interval, other.Limit!.Value, interval, limit)
                    : new BudgetOrderException(interval, limit, other.Interval, other.Limit!.Value);
            }
        }
    }
}
