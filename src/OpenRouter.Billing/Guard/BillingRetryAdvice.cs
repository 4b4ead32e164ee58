using OpenRouter.Billing.Wire;

namespace OpenRouter.Billing.Guard;

/// <summary>Whether a failed inference request may be repeated, and after which wait.</summary>
/// <param name="ShouldRetry">Whether the unchanged request may be repeated.</param>
/// <param name="Delay">How long to wait first, at least; <see langword="null"/> when nobody said, so that the usual backoff applies. Never negative.</param>
/// <remarks>
/// It knows money: a request that may have been accepted is never repeated, because both would be billed, and a refusal is
/// repeated only where waiting opens the limit. The delegates of a Polly retry take it as it is:
/// <code>
/// ShouldHandle = async arguments => (await BillingRetryAdvice.ForAsync(arguments.Outcome.Result, arguments.Outcome.Exception)).ShouldRetry,
/// DelayGenerator = async arguments => (await BillingRetryAdvice.ForAsync(arguments.Outcome.Result, arguments.Outcome.Exception)).Delay,
/// </code>
/// It works on both sides of the guard: outside of it refusals come as exceptions, inside as answers.
/// </remarks>
public readonly record struct BillingRetryAdvice(bool ShouldRetry, TimeSpan? Delay)
{
    // What OpenRouter's limits take to open when it names no time: holds of running requests settle, and a minute is a minute.
    private static readonly TimeSpan InFlightWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MinuteWait = TimeSpan.FromSeconds(60);

    // An error is one small piece of JSON: a server that has not sent it by then will hardly send it soon.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly BillingRetryAdvice Stop = new(false, null);

    /// <summary>Advises on the outcome of a request.</summary>
    /// <param name="response">The answer; <see langword="null"/> when there is none. A refusal's body is looked into and can still be read.</param>
    /// <param name="exception">What was thrown; <see langword="null"/> when nothing was.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <param name="cancellationToken">Gives the look into the body up.</param>
    /// <returns>The advice; not to repeat a success, nor anything that is not known to be safe.</returns>
    public static async ValueTask<BillingRetryAdvice> ForAsync(
        HttpResponseMessage? response, Exception? exception, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        var clock = timeProvider ?? TimeProvider.System;
        var now = clock.GetUtcNow();
        if (exception is not null)
        {
            return exception is BillingGuardException refusal ? For(refusal.Verdict, now)
                // No connection, so no request: the only fault on the way after which nothing can have been accepted.
                : new BillingRetryAdvice(ConnectionFault.IsBeforeSending(exception), null);
        }

        if (response is null || response.IsSuccessStatusCode)
        {
            return Stop;
        }

        var body = ServerAnswer.MayBeBilling(response.StatusCode) ? await ServerAnswer.PeekAsync(response, Patience, clock, cancellationToken).ConfigureAwait(false) : default;
        var headers = FailureHeaders.From(FailureHeaders.CopyFrom(response));
        return FailureClassifier.Classify((int)response.StatusCode, headers, body.Span, now) is { } verdict ? For(verdict, now) : Stop;
    }

    /// <summary>Advises on a verdict, such as that of <see cref="IBillingGuard.EvaluateAsync"/> or <see cref="IBillingGuard.Learn"/>.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
    /// <returns>The advice.</returns>
    public static BillingRetryAdvice For(BillingVerdict verdict, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return For(verdict, (timeProvider ?? TimeProvider.System).GetUtcNow());
    }

    /// <summary>How long a limit usually stays closed that opens by time; null for one that does not.</summary>
    internal static TimeSpan? UsualWait(BillingCause cause) => cause switch
    {
        BillingCause.InFlightBudget => InFlightWait,
        BillingCause.FreeRequestsPerMinute => MinuteWait,
        _ => null,
    };

    private static BillingRetryAdvice For(BillingVerdict verdict, DateTimeOffset now)
    {
        if (!verdict.IsRetryable)
        {
            return Stop;
        }

        var wait = (verdict.OpensAt ?? verdict.CheckedAt + UsualWait(verdict.Cause)) - now;
        return new BillingRetryAdvice(true, wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }
}
