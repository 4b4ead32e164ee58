namespace OpenRouter.Billing.Guard;

/// <summary>A limit that OpenRouter has refused a request by.</summary>
/// <param name="Said">What OpenRouter said; its <see cref="BillingVerdict.CheckedAt"/> is when.</param>
/// <param name="Until">When the limit opens by itself; null when it does not.</param>
/// <param name="Cost">What the refused request might have cost, in US dollars.</param>
internal sealed record ClosedLimit(BillingVerdict Said, DateTimeOffset? Until, decimal Cost)
{
    /// <summary>Whether no figure of the account tells that this limit has opened.</summary>
    public bool OpensByTimeOnly => OpensByTime(Said.Cause);

    public static bool OpensByTime(BillingCause cause) => cause is BillingCause.InFlightBudget or BillingCause.FreeRequestsPerMinute;

    public bool Binds(BillingPolicyContext context) => Said.Cause switch
    {
        BillingCause.FreeRequestsPerDay or BillingCause.FreeRequestsPerMinute => context.Request.UsesAnyFreeModel,
        BillingCause.InFlightBudget => context.Request.IsPaid,
        // A smaller request may still fit.
        _ => !Said.IsAboutSize || (context.Request.IsPaid && context.Cost >= Cost),
    };

    /// <summary>Whether the account's figures show room again; null when they do not tell.</summary>
    public bool? HasRoomIn(AccountSnapshot snapshot) => Said.Cause switch
    {
        BillingCause.AccountCredits or BillingCause.NeverFunded => snapshot.Balance.Value?.Remaining > 0 ? true : snapshot.Balance.Value is null ? null : false,
        BillingCause.KeyLimit => snapshot.Key.Value is not { IsLimitKnown: true } key ? null : key.Limit is null || key.Remaining > 0,
        BillingCause.GuardrailBudget or BillingCause.MemberBudget or BillingCause.WorkspaceBudget => HaveRoom(snapshot.Key.Value?.Budgets, Said.Cause),
        // Purchases raise the quota. The counter itself is minutes late, and the refusal is right.
        BillingCause.FreeRequestsPerDay => snapshot.Key.Value?.FreeModelDailyRequests?.Limit is { } limit && Said.Limit is { } told ? limit > told.Capacity : null,
        BillingCause.Authentication => snapshot.Key.State == ReadingState.Unavailable ? null : snapshot.Key.State == ReadingState.Known,
        _ => null,
    };

    /// <summary>When the figures were asked for that tell about this limit.</summary>
    public DateTimeOffset AskedAt(AccountSnapshot snapshot) =>
        Said.Cause is BillingCause.AccountCredits or BillingCause.NeverFunded ? snapshot.Balance.AskedAt : snapshot.Key.AskedAt;

    private static bool? HaveRoom(IReadOnlyList<KeyBudget>? layers, BillingCause cause)
    {
        var meant = layers?.Where(layer => BudgetScopes.CauseOf(layer.Scope) == cause).ToArray() ?? [];
        return meant.Length == 0 ? null : meant.All(layer => layer.Remaining > 0);
    }
}
