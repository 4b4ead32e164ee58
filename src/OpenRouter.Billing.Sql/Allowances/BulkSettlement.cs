namespace OpenRouter.Billing.Sql;

/// <summary>What the requests of one lease used together.</summary>
/// <param name="CountedRequests">What its claims on limits of requests are settled with.</param>
/// <param name="Cost">Nano-dollars, for claims on limits of money and for the sums of spending.</param>
/// <param name="CostWithByok">Nano-dollars, spending through own provider keys included.</param>
/// <param name="BookedRequests">How many requests the sums of spending count more; 0 when they count no more.</param>
internal readonly record struct BulkSettlement(long CountedRequests, long Cost, long CostWithByok, long BookedRequests);
