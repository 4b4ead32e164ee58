namespace OpenRouter.Billing.Guard;

/// <summary>A budget is spent, or too small for the request: of a guardrail, a member or the workspace at OpenRouter, or one of the app's own.</summary>
public sealed class BudgetExceededException : BillingGuardException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="verdict">Why; its <see cref="BillingVerdict.Cause"/> says whose budget.</param>
    public BudgetExceededException(BillingVerdict verdict)
        : base(RefusalText.Build(RefusalText.NotCovered(RefusalText.Whole(Whose(verdict), verdict), verdict), verdict), verdict)
    {
    }

    /// <summary>Gets what of the budget is left for this request, after what other requests hold.</summary>
    /// <value>US dollars; negative when overdrawn; <see langword="null"/> when unknown.</value>
    public decimal? Remaining => Verdict.Limit?.Remaining;

    /// <summary>Gets what the request may cost.</summary>
    /// <value>US dollars; <see langword="null"/> when unknown.</value>
    public decimal? Required => Verdict.Limit?.Required;

    /// <summary>Gets the largest output cap with which every limit on money would cover the request.</summary>
    /// <value>Tokens, 0 when not even the prompt is covered; <see langword="null"/> when unknown.</value>
    public long? AffordableOutputTokens => Verdict.AffordableOutputTokens;

    /// <summary>Gets when the budget starts again.</summary>
    /// <value>UTC; <see langword="null"/> when it never does, or when unknown.</value>
    public DateTimeOffset? ResetsAt => Verdict.Limit?.ResetsAt ?? Verdict.OpensAt;

    private static string Whose(BillingVerdict? verdict) => verdict?.Cause switch
    {
        BillingCause.AppBudget => "The app's budget" + RefusalText.Named(verdict),
        BillingCause.MemberBudget => "The member's budget",
        BillingCause.WorkspaceBudget => "The workspace's budget",
        _ => "The guardrail's budget",
    };
}
