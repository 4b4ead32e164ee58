namespace OpenRouter.Billing.Guard;

/// <summary>The runaway brake is on: the same request came too often, or spending was too fast. <see cref="RunawayBrake.Reset"/> takes it off.</summary>
public sealed class RunawayBrakeTrippedException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public RunawayBrakeTrippedException(BillingVerdict verdict)
        : base(RefusalText.Build($"The runaway brake{RefusalText.Named(verdict)} is on: {Describe(verdict?.Limit)}", verdict!), verdict!)
    {
    }

    /// <summary>Gets how much is thought sane.</summary>
    /// <value>US dollars or requests, by <see cref="LimitReading.Unit"/>; <see langword="null"/> when unknown.</value>
    public decimal? Limit => Verdict.Limit?.Capacity;

    /// <summary>Gets how much there was.</summary>
    /// <value>US dollars or requests, by <see cref="LimitReading.Unit"/>; <see langword="null"/> when unknown.</value>
    public decimal? Used => Verdict.Limit?.Used;

    /// <summary>Gets when the brake lets requests through again, if it is over by then.</summary>
    /// <value>UTC; <see langword="null"/> when unknown.</value>
    public DateTimeOffset? ResetsAt => Verdict.OpensAt;

    private static string Describe(LimitReading? limit) => limit is { Unit: LimitUnit.Requests }
        ? $"{RefusalText.Count(limit.Used)} requests of {RefusalText.Count(limit.Capacity)}"
        : $"{RefusalText.Dollars(limit?.Used)} of {RefusalText.Dollars(limit?.Capacity)} was spent";
}
