namespace OpenRouter.Billing.Guard;

/// <summary>Answers "what may I still spend, and if not, why not and until when?". Safe for concurrent use; lives as long as the app.</summary>
/// <remarks>
/// Requests that go through an <see cref="HttpClient"/> are asked for by <see cref="BillingGuardHandler"/>; this interface is
/// for all others, and for looking ahead.
/// </remarks>
public interface IBillingGuard
{
    /// <summary>Says whether a request would be let out now. Nothing is held, so the answer may be different a moment later.</summary>
    /// <param name="request">What the request asks for.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    /// <returns>The decision; a refusal is no exception here.</returns>
    ValueTask<BillingGuardDecision> EvaluateAsync(BillableRequest request, CancellationToken cancellationToken = default);

    /// <summary>Holds what a request may use on every limit, so that it can be sent.</summary>
    /// <param name="request">What the request asks for.</param>
    /// <param name="cancellationToken">Gives the attempt up; nothing is held then.</param>
    /// <returns>The lease: settle it when the cost is known, release it when the request was never sent.</returns>
    /// <exception cref="InsufficientCreditsException">The balance does not cover the request.</exception>
    /// <exception cref="KeyLimitExceededException">The key's cap does not cover the request.</exception>
    /// <exception cref="BudgetExceededException">A guardrail, member or workspace budget does not cover the request.</exception>
    /// <exception cref="FreeModelQuotaExceededException">The free requests of the day or the minute are used up.</exception>
    /// <exception cref="KeyNotAcceptedException">The key is unknown, disabled, expired or a management key.</exception>
    /// <exception cref="RequestUnreadableException">The body cannot be read, and the guard is set to refuse then.</exception>
    /// <exception cref="PaidAddOnException">A request to free models asks for what costs, and the guard is set to refuse that.</exception>
    /// <exception cref="BillingCheckUnavailableException">A limit cannot be read, and the guard is set to refuse then.</exception>
    ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default);
}
