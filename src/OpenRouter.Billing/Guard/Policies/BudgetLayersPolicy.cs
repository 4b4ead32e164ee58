namespace OpenRouter.Billing.Guard;

/// <summary>Every budget above the key must cover the request; one that is spent refuses free requests too.</summary>
internal sealed class BudgetLayersPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        if (context.Key is { } key && !HasNone(key))
        {
            ClaimLayers(context, key);
        }
    }

    private static void ClaimLayers(BillingPolicyContext context, ApiKeyStatus key)
    {
        foreach (var layers in Binding(key).GroupBy(layer => Identify(layer, context.Snapshot)))
        {
            // Two layers that cannot be told apart are one limit, and the tighter figure is the safe one.
            var layer = layers.MinBy(layer => layer.Remaining)!;
            if (SpendingWindow.At(layer.Limit, layer.Remaining, layer.Reset, layer.ResetsAt, context.Snapshot.Key.AskedAt, LagOf(layer, context), context) is { } window)
            {
                context.Claim(window.Claim(layers.Key, BudgetScopes.CauseOf(layer.Scope), context.CostOnSpendableLimit, layer.IncludesByok));
            }
            else
            {
                // A layer of which nothing says how much is left is no permission to spend.
                context.CannotKnow(null);
            }
        }
    }

    // The key's own cap has a policy of its own, which knows it where layers are not told. Where only the layer that blocks
    // first is told, it stands for all.
    private static IEnumerable<KeyBudget> Binding(ApiKeyStatus key) =>
        (key.Budgets ?? (key.EffectiveBudget is { } effective ? [effective] : []))
        .Where(layer => layer.Scope != BudgetScope.KeyLimit || key is { Limit: null, Remaining: null });

    private static bool HasNone(ApiKeyStatus key) => key.Budgets is null ? key.EffectiveBudget is null : key.Budgets.Count == 0;

    // Layers that bind several keys share one identity, so that requests with different keys count together.
    private static string Identify(KeyBudget layer, AccountSnapshot snapshot)
    {
        var status = snapshot.Key.Value!;
        var carrier = layer.BudgetId ?? layer.GuardrailId;
        var owner = layer.Scope == BudgetScope.Workspace ? status.WorkspaceId
            : BudgetScopes.IsMembers(layer.Scope) ? status.CreatorUserId
            : BudgetScopes.IsKeysOwn(layer.Scope) ? snapshot.KeyHash
            : null;
        // Of a scope that this version does not know, the carrier is shared by all keys that name it. Without owner and
        // carrier there is nothing to share.
        return $"budget/{layer.Scope}/{layer.Reset?.Value ?? "lifetime"}/{owner ?? (carrier is null ? snapshot.KeyHash : string.Empty)}/{carrier}";
    }

    // What other keys spend on a shared layer says nothing about how late this key's spending shows there.
    private static TimeSpan LagOf(KeyBudget layer, BillingPolicyContext context) =>
        BudgetScopes.IsKeysOwn(layer.Scope) ? context.Snapshot.KeyLag.Within(context.Options) : context.Options.SettlementLag;
}
