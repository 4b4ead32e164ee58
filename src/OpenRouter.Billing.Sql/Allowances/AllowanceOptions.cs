using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Sql;

/// <summary>How much of its limits a process may take in advance, so that it need not ask the shared ledger for each request.</summary>
public sealed class AllowanceOptions
{
    /// <summary>Gets or sets how long a process admits from one allowance before it books what was used and takes another.</summary>
    /// <value>
    /// 10 seconds by default; positive, and at most half of <see cref="LeaseDuration"/>. What was used shows in the shared
    /// ledger so much later, and then counts as of then: close to a limit it is counted twice for so much longer.
    /// </value>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets after which time the allowance of a process that died counts as spent, beyond what its requests may take.</summary>
    /// <value>
    /// 2 minutes by default; at least twice <see cref="MaxAge"/>. It comes on top of the lease that each request asks for, which is
    /// <see cref="BillingGuardOptions.LeaseDuration"/>. While the shared ledger cannot be reached, a process admits from what it
    /// has for half of this time.
    /// </value>
    /// <remarks>
    /// All that the allowance held counts, because nobody can tell how much of it the process had admitted when it died, and
    /// requests on their way may be charged until their own leases are over. Figures of an account that were read after that
    /// do not count it any more; a budget of the app's own counts it as long as its window lasts. An allowance is as small as
    /// it may be for that: for the requests of the next second, or as many as eight answers of the shared ledger take, or for 160 in
    /// the next half of <see cref="MaxAge"/>, and at most for <see cref="MaxRequests"/>, at what those before claimed, for each
    /// group of requests with the same limits and labels. To give back what was not used, a process would have to tell what it
    /// is going to use before it does, in a round trip: no more than taking a smaller allowance.
    /// </remarks>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets for how many requests at most one allowance is taken.</summary>
    /// <value>16,384 by default; positive. A process that dies takes as much from its limits at most, as <see cref="LeaseDuration"/> says.</value>
    public int MaxRequests { get; set; } = 16_384;
}
