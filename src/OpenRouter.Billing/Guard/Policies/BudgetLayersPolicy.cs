namespace OpenRouter.Billing.Guard;

/// <summary>Every budget above the key must cover the request; one that is spent refuses free requests too.</summary>
internal sealed class BudgetLayersPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var reading = context.Snapshot.Key;
        foreach (var layer in reading.Value?.Budgets ?? [])
        {
            // The key's own cap has a policy of its own, which also knows it where layers are not told.
            if (layer.Scope != BudgetScope.KeyLimit
                && SpendingWindow.At(layer.Limit, layer.Remaining, layer.Reset, layer.ResetsAt, reading.AskedAt, context) is { } window)
            {
                context.Claim(window.Claim(Identify(layer, context.Snapshot), CauseOf(layer.Scope), context.CostOnSpendableLimit));
            }
        }
    }

    // Layers that bind several keys share one identity, so that requests with different keys count together.
    private static string Identify(KeyBudget layer, AccountSnapshot snapshot)
    {
        var status = snapshot.Key.Value!;
        var carrier = layer.BudgetId ?? layer.GuardrailId;
        var owner = layer.Scope == BudgetScope.Workspace ? status.WorkspaceId
            : IsMembers(layer.Scope) ? status.CreatorUserId
            : snapshot.KeyHash;
        // A shared layer of which neither owner nor carrier is told cannot be shared with anyone.
        return $"budget/{layer.Scope}/{layer.Reset?.Value ?? "lifetime"}/{owner ?? (carrier is null ? snapshot.KeyHash : string.Empty)}/{carrier}";
    }

    private static bool IsMembers(BudgetScope scope) => scope == BudgetScope.Member || scope == BudgetScope.WorkspaceDefaultMember;

    private static BillingCause CauseOf(BudgetScope scope) =>
        scope == BudgetScope.Workspace ? BillingCause.WorkspaceBudget
        : IsMembers(scope) ? BillingCause.MemberBudget
        : BillingCause.GuardrailBudget;
}
