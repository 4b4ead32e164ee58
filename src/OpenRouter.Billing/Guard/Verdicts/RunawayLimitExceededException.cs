namespace OpenRouter.Billing.Guard;

/// <summary>More was spent or asked in a stretch of time than <see cref="BillingGuardOptions.RunawayLimits"/> allow: something may be sending without end.</summary>
public sealed class RunawayLimitExceededException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why.</param>
    public RunawayLimitExceededException(BillingVerdict verdict)
        : base(RefusalText.Build($"The runaway limit{RefusalText.Named(verdict)} {Describe(verdict?.Limit)} within the window", verdict!), verdict!)
    {
    }

    /// <summary>Gets how much is allowed in the window.</summary>
    /// <value>US dollars or requests, by <see cref="LimitReading.Unit"/>; <see langword="null"/> when unknown.</value>
    public decimal? Limit => Verdict.Limit?.Capacity;

    /// <summary>Gets how much was used in it, running requests included.</summary>
    /// <value>US dollars or requests, by <see cref="LimitReading.Unit"/>; <see langword="null"/> when unknown.</value>
    public decimal? Used => Verdict.Limit?.Used + Verdict.Limit?.Held;

    /// <summary>Gets when the window has room again, if nothing more is used until then.</summary>
    /// <value>UTC; <see langword="null"/> when the request alone is more than the limit.</value>
    public DateTimeOffset? ResetsAt => Verdict.OpensAt;

    // Money may still be left, only too little of it; of requests there is then none.
    private static string Describe(LimitReading? limit) => limit is { Unit: LimitUnit.Requests }
        ? $"is reached: {RefusalText.Count(limit.Used + limit.Held)} requests of {RefusalText.Count(limit.Capacity)} requests"
        : $"does not cover this request: it may cost {RefusalText.Dollars(limit?.Required)}, and {RefusalText.Dollars(limit?.Used + limit?.Held)} of {RefusalText.Dollars(limit?.Capacity)} is used";
}
