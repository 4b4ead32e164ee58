namespace OpenRouter.Billing.Guard;

/// <summary>The app's own budgets must cover the request; what costs nothing passes a spent one.</summary>
internal sealed class AppBudgetsPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var budgets = context.Options.Budgets;
        for (var index = 0; index < budgets.Count && context.Cost > 0; index++)
        {
            if (context.Identify(budgets[index].Per) is { } spender && IsMeant(budgets[index], spender.Name, budgets))
            {
                context.Claim(Claim(budgets[index], spender, context));
            }
        }
    }

    // Whoever has a budget by name has that one instead of everybody's.
    private static bool IsMeant(AppBudgetOptions budget, string? name, IList<AppBudgetOptions> all)
    {
        if (budget.Name is not null)
        {
            return budget.Name == name;
        }

        for (var index = 0; index < all.Count; index++)
        {
            var other = all[index];
            if (other.Name is not null && other.Name == name && other.Per == budget.Per && other.Window == budget.Window)
            {
                return false;
            }
        }

        return true;
    }

    // Everything that it counts is in the ledger, so there is no lag: the window begins where the calendar says.
    private static LimitClaim Claim(AppBudgetOptions budget, SpenderIdentity spender, BillingPolicyContext context)
    {
        var interval = Interval(budget.Window);
        return LimitClaim.InUsDollars(
            $"app-budget/{budget.Window}/{spender.Identity}",
            BillingCause.AppBudget,
            context.Cost,
            budget.Limit,
            interval?.WindowStart(context.Now) ?? DateTimeOffset.MinValue,
            interval?.NextReset(context.Now)) with
            {
                Unit = budget.IncludesByok ? LimitUnit.UsDollarsWithByok : LimitUnit.UsDollars,
                Name = spender.Describe(budget.Window.ToString()),
                IsWholeKnown = true,
            };
    }

    private static ResetInterval? Interval(BudgetWindow window) => window switch
    {
        BudgetWindow.Daily => ResetInterval.Daily,
        BudgetWindow.Weekly => ResetInterval.Weekly,
        BudgetWindow.Monthly => ResetInterval.Monthly,
        _ => null,
    };
}
