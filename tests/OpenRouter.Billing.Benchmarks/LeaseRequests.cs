using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Benchmarks;

/// <summary>What the guard asks a ledger for: a claim in dollars on each limit, labelled.</summary>
internal static class LeaseRequests
{
    /// <summary>The limits of a usual chat.</summary>
    public static readonly string[] UsualLimits = ["account/balance", "key/monthly", "budget/daily"];

    public static LeaseRequest On(IEnumerable<string> limits, string keyHash, DateTimeOffset since) => new()
    {
        // An array, as the guard hands over a list: what hides both would be copied for each look.
        Claims = limits.Select(limit => LimitClaim.InUsDollars(limit, BillingCause.KeyLimit, 0.000001m, 1_000_000_000, since)).ToArray(),
        Duration = TimeSpan.FromMinutes(15),
        Labels = new SpendLabels { Project = "search", KeyHash = keyHash, Model = "openai/gpt-4o-mini" },
        ClaimedCost = 1000,
    };

    public static LeaseRequest OfChat() => On(UsualLimits, new string('a', 64), TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));
}
