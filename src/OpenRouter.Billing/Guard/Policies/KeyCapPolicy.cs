namespace OpenRouter.Billing.Guard;

/// <summary>The key's own cap must cover the request; a spent one refuses free requests too.</summary>
internal sealed class KeyCapPolicy : IBillingPolicy
{
    public void Apply(BillingPolicyContext context)
    {
        var reading = context.Snapshot.Key;
        if (reading.Value is not { } key || HasNoCapOfItsOwn(key))
        {
            return;
        }

        if (SpendingWindow.At(key.Limit, key.Remaining ?? key.Limit - SpentOf(key), key.Reset, ResetsAt(key), reading.AskedAt, context.Snapshot.KeyLag.Within(context.Options), context) is { } window)
        {
            context.Claim(window.Claim(context.Snapshot.KeyLimit, BillingCause.KeyLimit, context.CostOnSpendableLimit, key.IncludesByokInLimit));
        }
        else
        {
            // There is or may be a cap, and nothing says how much of it is left: that is no permission to spend.
            context.CannotKnow(null);
        }
    }

    // Uncapped, or told as a layer, which the budgets' policy then claims.
    private static bool HasNoCapOfItsOwn(ApiKeyStatus key) =>
        key is { Limit: null, Remaining: null } && (key.IsLimitKnown || key.Budgets?.Any(layer => layer.Scope == BudgetScope.KeyLimit) == true);

    // For an interval that this version does not know, the spending of all time is the safe figure.
    private static decimal? SpentOf(ApiKeyStatus key) =>
        key.Reset is not { } reset ? key.Usage.Total
        : reset == ResetInterval.Daily ? key.Usage.Today
        : reset == ResetInterval.Weekly ? key.Usage.ThisWeek
        : reset == ResetInterval.Monthly ? key.Usage.ThisMonth
        : key.Usage.Total;

    private static DateTimeOffset? ResetsAt(ApiKeyStatus key) => key.Budgets?.FirstOrDefault(layer => layer.Scope == BudgetScope.KeyLimit)?.ResetsAt;
}
