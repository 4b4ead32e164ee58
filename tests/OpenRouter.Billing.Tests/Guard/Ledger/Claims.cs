using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Tests.Guard.Ledger;

/// <summary>Claims in whole nano-dollars or requests, as a ledger sees them.</summary>
internal static class Claims
{
    public static LimitClaim Money(string limit, long amount, long capacity, DateTimeOffset since) => new()
    {
        Limit = limit,
        Cause = BillingCause.AccountCredits,
        Unit = LimitUnit.UsDollars,
        Amount = amount,
        Capacity = capacity,
        Since = since,
    };

    public static LimitClaim Requests(string limit, long capacity, DateTimeOffset since) => LimitClaim.InRequests(limit, BillingCause.FreeRequestsPerDay, capacity, since);
}
