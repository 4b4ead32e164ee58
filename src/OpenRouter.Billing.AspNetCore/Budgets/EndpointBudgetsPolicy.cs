using Microsoft.AspNetCore.Http;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore;

/// <summary>The budgets of the endpoint that runs must cover what it asks OpenRouter for.</summary>
internal sealed class EndpointBudgetsPolicy(IHttpContextAccessor accessor) : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        if (accessor.HttpContext?.GetEndpoint() is not { } endpoint)
        {
            return;
        }

        var budgets = endpoint.Metadata.GetOrderedMetadata<BillingBudgetMetadata>();
        for (var index = 0; index < budgets.Count; index++)
        {
            context.Claim(Claim(budgets[index], endpoint, context));
        }
    }

    // Everything that it counts is in the ledger, so there is no lag: the window begins where the calendar says.
    private static LimitClaim Claim(BillingBudgetMetadata budget, Endpoint endpoint, BillingPolicyContext context)
    {
        var interval = Interval(budget.Window);
        var spender = Spender(budget.Per, context);
        // Escaped, so that no spender's name can be chosen to continue one endpoint's into another's.
        var name = Uri.EscapeDataString(budget.Name ?? endpoint.DisplayName ?? string.Empty);
        return LimitClaim.InUsDollars(
            $"endpoint-budget/{budget.Window}/{budget.Per}/{name}/{spender}",
            BillingCause.AppBudget,
            context.Cost,
            budget.Limit,
            interval?.WindowStart(context.Now) ?? DateTimeOffset.MinValue,
            interval?.NextReset(context.Now)) with
            {
                Name = spender is null ? $"{budget.Window}, endpoint, {budget.Per}" : $"{budget.Window}, endpoint, {budget.Per} '{spender}'",
            };
    }

    // Null for whoever names none: those are counted together, or leaving the name out would be the way around the budget.
    private static string? Spender(Spender per, BillingPolicyContext context) => per switch
    {
        Guard.Spender.Account => context.AccountId,
        Guard.Spender.Key => context.KeyHash,
        Guard.Spender.Project => context.Scope.Project,
        Guard.Spender.Member => context.Scope.Member,
        Guard.Spender.Workspace => context.Scope.Workspace,
        _ => null,
    };

    private static ResetInterval? Interval(BudgetWindow window) => window switch
    {
        BudgetWindow.Daily => ResetInterval.Daily,
        BudgetWindow.Weekly => ResetInterval.Weekly,
        BudgetWindow.Monthly => ResetInterval.Monthly,
        _ => null,
    };
}
