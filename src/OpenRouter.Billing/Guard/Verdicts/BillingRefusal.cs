namespace OpenRouter.Billing.Guard;

/// <summary>A refusal as it happened, for those who keep an eye on refusals.</summary>
/// <param name="Verdict">Why, by how much and until when.</param>
/// <param name="Scope">On whose behalf the request was made; it names nobody when nothing said so.</param>
/// <param name="IsObserved">Whether the request went out all the same, because the guard only observes.</param>
public sealed record BillingRefusal(BillingVerdict Verdict, BillingScope Scope, bool IsObserved);
