namespace OpenRouter.Billing.Guard;

/// <summary>What the scope of a budget layer means to the guard.</summary>
internal static class BudgetScopes
{
    /// <summary>The cause that a refusal by such a layer has; of a scope that this version does not know, a guardrail's.</summary>
    public static BillingCause CauseOf(BudgetScope scope) =>
        scope == BudgetScope.Workspace ? BillingCause.WorkspaceBudget
        : IsMembers(scope) ? BillingCause.MemberBudget
        : scope == BudgetScope.KeyLimit ? BillingCause.KeyLimit
        : BillingCause.GuardrailBudget;

    /// <summary>Whether the layer binds all keys of a member together.</summary>
    public static bool IsMembers(BudgetScope scope) => scope == BudgetScope.Member || scope == BudgetScope.WorkspaceDefaultMember;

    /// <summary>Whether the layer binds one key alone.</summary>
    public static bool IsKeysOwn(BudgetScope scope) =>
        scope == BudgetScope.ApiKey || scope == BudgetScope.WorkspaceDefaultKey || scope == BudgetScope.KeyLimit;
}
