namespace OpenRouter.Billing.Guard;

/// <summary>Looks at a request and what is known, and answers with claims, a refusal, or nothing.</summary>
internal interface IBillingPolicy
{
    void Apply(BillingPolicyContext context);
}
