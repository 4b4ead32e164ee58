using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Verdicts;

public sealed class BudgetScopesTests
{
    [Theory]
    [InlineData("workspace", BillingCause.WorkspaceBudget, false, false)]
    [InlineData("member", BillingCause.MemberBudget, true, false)]
    [InlineData("workspace_default_member", BillingCause.MemberBudget, true, false)]
    [InlineData("key_limit", BillingCause.KeyLimit, false, true)]
    [InlineData("api_key", BillingCause.GuardrailBudget, false, true)]
    [InlineData("workspace_default_key", BillingCause.GuardrailBudget, false, true)]
    [InlineData("of a later version", BillingCause.GuardrailBudget, false, false)]
    public void Scope_OfEachLayer_SaysWhomItBindsAndWhyItRefuses(string name, BillingCause cause, bool isMembers, bool isKeysOwn)
    {
        var scope = new BudgetScope(name);

        Assert.Equal((cause, isMembers, isKeysOwn), (BudgetScopes.CauseOf(scope), BudgetScopes.IsMembers(scope), BudgetScopes.IsKeysOwn(scope)));
    }
}
