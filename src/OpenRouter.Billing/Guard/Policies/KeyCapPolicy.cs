namespace OpenRouter.Billing.Guard;

/// <summary>The key's own cap must cover the request; a spent one refuses free requests too.</summary>
internal sealed class KeyCapPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var reading = context.Snapshot.Key;
        if (reading.Value is { Limit: not null } key
            && SpendingWindow.At(key.Limit, key.Remaining, key.Reset, ResetsAt(key), reading.AskedAt, context) is { } window)
        {
            context.Claim(window.Claim("key/" + context.Snapshot.KeyHash, BillingCause.KeyLimit, context.CostOnSpendableLimit));
        }
    }

    private static DateTimeOffset? ResetsAt(ApiKeyStatus key) => key.Budgets?.FirstOrDefault(layer => layer.Scope == BudgetScope.KeyLimit)?.ResetsAt;
}
