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

    /// <summary>Gets or sets after which time the allowance of a process that died counts as spent.</summary>
    /// <value>
    /// 2 minutes by default; at least twice <see cref="MaxAge"/>. While the shared ledger cannot be reached, a process admits
    /// from what it has for half of this time.
    /// </value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets for how many requests at most one allowance is taken.</summary>
    /// <value>4,096 by default; positive. So much, at what the requests before claimed, a process that dies takes from its limits at most.</value>
    public int MaxRequests { get; set; } = 4096;

    internal static IEnumerable<string> FindProblems(AllowanceOptions options)
    {
        if (options.MaxAge <= TimeSpan.Zero)
        {
            yield return $"{nameof(MaxAge)} is {options.MaxAge:c}: set a positive time.";
        }

        if (options.LeaseDuration < 2 * options.MaxAge)
        {
            yield return $"{nameof(LeaseDuration)} is {options.LeaseDuration:c}: set at least twice {nameof(MaxAge)}, which is {options.MaxAge:c}.";
        }

        if (options.MaxRequests < 1)
        {
            yield return $"{nameof(MaxRequests)} is {options.MaxRequests}: set a positive number.";
        }
    }
}
