using System.Net;

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
    /// <exception cref="InFlightBudgetExceededException">OpenRouter said so to an earlier request, and its wait is not over.</exception>
    /// <exception cref="KeyLimitExceededException">The key's cap does not cover the request.</exception>
    /// <exception cref="BudgetExceededException">A guardrail, member or workspace budget, or one of the app's own, does not cover the request.</exception>
    /// <exception cref="FreeModelQuotaExceededException">The free requests of the day or the minute are used up.</exception>
    /// <exception cref="KeyNotAcceptedException">The key is unknown, disabled, expired or a management key.</exception>
    /// <exception cref="RequestTooExpensiveException">The request alone may cost more than the app pays for one.</exception>
    /// <exception cref="RunawayLimitExceededException">More was spent or asked in a stretch of time than the app thinks sane.</exception>
    /// <exception cref="RunawayBrakeTrippedException">The runaway brake is on.</exception>
    /// <exception cref="PolicyRefusedException">A policy of the app's own refuses it, or a limit that one claimed has no room.</exception>
    /// <exception cref="RequestUnreadableException">The body cannot be read, and the guard is set to refuse then.</exception>
    /// <exception cref="PaidAddOnException">A request to free models asks for what costs, and the guard is set to refuse that.</exception>
    /// <exception cref="BillingCheckUnavailableException">A limit cannot be read, and the guard is set to refuse then.</exception>
    ValueTask<BillingLease> ReserveAsync(BillableRequest request, CancellationToken cancellationToken = default);

    /// <summary>Says what is known of the account and the key in the options, without asking anybody.</summary>
    /// <returns>The figures as last read; empty ones when nothing was read yet.</returns>
    AccountFigures Peek() => AccountFigures.Nothing;

    /// <summary>
    /// Takes in the answer to a failed request, so that the limit it names stays closed to every caller below it until it opens.
    /// <see cref="BillingGuardHandler"/> does so by itself.
    /// </summary>
    /// <param name="request">What the request asked for; its key or model names the limit's owner.</param>
    /// <param name="statusCode">The HTTP status of the answer.</param>
    /// <param name="body">The body, decompressed; empty when unknown. One above 64 KiB is not read, and nothing of it is kept.</param>
    /// <param name="headers">The response headers, names in any case; <see langword="null"/> when unknown.</param>
    /// <returns>What the answer says; <see langword="null"/> when it is neither a refusal nor a failure. Never an exception.</returns>
    BillingVerdict? Learn(BillableRequest request, HttpStatusCode statusCode, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? headers = null);
}
