namespace OpenRouter.Billing.Guard;

/// <summary>What a ledger says to the claims of a request: all of them, or none.</summary>
public readonly record struct LedgerAnswer
{
    /// <summary>Gets the lease that holds the claims.</summary>
    /// <value><see langword="null"/> when at least one limit had no room, and so nothing is held.</value>
    public LeaseId? Lease { get; init; }

    /// <summary>Gets how much of each limit was in use before, in the order of the claims.</summary>
    /// <value>Empty when the claims were granted.</value>
    public IReadOnlyList<LimitUsage> Usage { get; init; }

    /// <summary>Answers that the claims are held.</summary>
    /// <param name="lease">The lease.</param>
    /// <returns>The answer.</returns>
    public static LedgerAnswer Granted(LeaseId lease) => new() { Lease = lease, Usage = [] };

    /// <summary>Answers that a limit had no room.</summary>
    /// <param name="usage">How much of each limit was in use, in the order of the claims.</param>
    /// <returns>The answer.</returns>
    public static LedgerAnswer Refused(IReadOnlyList<LimitUsage> usage) => new() { Usage = usage };
}
