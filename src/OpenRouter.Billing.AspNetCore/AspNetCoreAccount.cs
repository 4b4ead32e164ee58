namespace OpenRouter.Billing.AspNetCore;

/// <summary>Notes that <c>AddAspNetCore</c> was called for an account: a second call changes nothing, and budgets of endpoints are enforced.</summary>
internal sealed record AspNetCoreAccount(string Name);
