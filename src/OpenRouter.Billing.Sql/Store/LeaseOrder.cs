namespace OpenRouter.Billing.Sql;

/// <summary>A lease to be taken.</summary>
/// <param name="Id">Its identity, chosen before asking, so that asking again does not take it twice.</param>
/// <param name="Claims">What it holds.</param>
/// <param name="Duration">When it expires, in ticks from now.</param>
/// <param name="ClaimedCost">What counts as spent when it is never settled, in nano-dollars.</param>
/// <param name="Labels">Whose spending it is; null for a lease that no sum is kept of.</param>
internal sealed record LeaseOrder(Guid Id, ClaimSet Claims, long Duration, long ClaimedCost, StoredLabels? Labels);
