namespace OpenRouter.Billing.Guard;

/// <summary>What became of one request's admission.</summary>
/// <param name="Decision">What the guard says.</param>
/// <param name="Lease">What the ledger granted; null when nothing is held.</param>
/// <param name="Cost">What the request may cost, in US dollars.</param>
internal readonly record struct AdmissionOutcome(BillingGuardDecision Decision, LeaseId? Lease, decimal Cost)
{
    // Whoever holds a lease asks for no more than this of the decision.
    private static readonly BillingGuardDecision Yes = new();

    /// <summary>Gets whether newer figures cannot change the decision.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Gets whether nothing is decided, because the figures are too old for a limit that is so close.</summary>
    public bool IsTooClose { get; init; }

    /// <summary>Gets whether every limit is so far that older figures decide just as well.</summary>
    public bool IsFar { get; init; }

    /// <summary>Gets whether it goes out without a limit that counts.</summary>
    public bool IsUnchecked { get; init; }

    /// <summary>Gets whose money it is; null when nobody found out.</summary>
    public AccountSnapshot? Account { get; init; }

    public static AdmissionOutcome Allowed(LeaseId? lease, BillingPolicyContext context) => new(Yes, lease, context.Cost)
    {
        IsFar = context.Headroom.IsFar,
        IsUnchecked = context.IsUnchecked,
        Account = context.Snapshot,
    };

    public static AdmissionOutcome Refused(BillingVerdict verdict) => new(new BillingGuardDecision { Refusal = verdict, Limits = verdict.Limits }, null, 0);
}
