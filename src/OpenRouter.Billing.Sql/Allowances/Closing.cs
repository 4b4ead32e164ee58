using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>An allowance that was replaced, and what is to be booked in its place.</summary>
/// <param name="Lease">Its lease on the shared ledger.</param>
/// <param name="Used">What its requests used of each unit.</param>
/// <param name="Booked">How many requests that is.</param>
internal sealed record Closing(LeaseId Lease, Units Used, long Booked);
