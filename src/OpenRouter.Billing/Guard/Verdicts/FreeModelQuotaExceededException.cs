namespace OpenRouter.Billing.Guard;

/// <summary>The account's requests to free models are used up, for the day or for the minute.</summary>
public sealed class FreeModelQuotaExceededException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Cause"/> says whether for the day or the minute.</param>
    public FreeModelQuotaExceededException(BillingVerdict verdict)
        : base(RefusalText.Build(Describe(verdict), verdict), verdict)
    {
    }

    /// <summary>Gets how many requests the account may make in the day or the minute.</summary>
    /// <value>Requests; <see langword="null"/> when unknown.</value>
    public long? Limit => (long?)Verdict.Limit?.Capacity;

    /// <summary>Gets how many were made, running ones included.</summary>
    /// <value>Requests; <see langword="null"/> when unknown.</value>
    public long? Used => (long?)(Verdict.Limit?.Used + Verdict.Limit?.Held);

    /// <summary>Gets when there is room again.</summary>
    /// <value>UTC; <see langword="null"/> when unknown.</value>
    public DateTimeOffset? ResetsAt => Verdict.OpensAt;

    /// <summary>Gets how long to wait, from the decision on.</summary>
    /// <value><see langword="null"/> when unknown; never negative.</value>
    public TimeSpan? RetryAfter =>
        ResetsAt is not { } instant ? null : instant > CheckedAt ? instant - CheckedAt : TimeSpan.Zero;

    private static string Describe(BillingVerdict? verdict)
    {
        var what = $"The free requests of the {(verdict?.Cause == BillingCause.FreeRequestsPerMinute ? "minute" : "day")} are used up";
        return verdict?.Limit is { } limit ? $"{what}: {RefusalText.Count(limit.Used + limit.Held)} of {RefusalText.Count(limit.Capacity)}" : what;
    }
}
