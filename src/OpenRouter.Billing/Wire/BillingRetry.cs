using Polly;
using Polly.Retry;

namespace OpenRouter.Billing.Wire;

/// <summary>When a call is repeated, and after which wait.</summary>
internal static class BillingRetry
{
    // Polly knows no longer wait than this.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    public static ResiliencePipeline<WireAnswer> Build(OpenRouterBillingOptions options, TimeProvider timeProvider)
    {
        if (options.MaxRetries == 0)
        {
            return ResiliencePipeline<WireAnswer>.Empty;
        }

        var retry = new RetryStrategyOptions<WireAnswer>
        {
            MaxRetryAttempts = options.MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = Least(options.RetryDelay, LongestDelay),
            MaxDelay = Least(options.TotalTimeout, LongestDelay),
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Context.Properties.TryGetValue(CallState.Key, out var state) && MayRepeat(state.Call.Repetition, arguments.Outcome, options.TotalTimeout - timeProvider.GetElapsedTime(state.StartedAt))),
            // Null leaves the wait to the exponential rule with its jitter.
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } answer && RetryHint.Read(answer) is { } hint ? WaitAtLeast(hint, arguments.AttemptNumber, options) : (TimeSpan?)null),
        };
        return new ResiliencePipelineBuilder<WireAnswer> { TimeProvider = timeProvider }.AddRetry(retry).Build();
    }

    private static bool MayRepeat(Repetition rule, Outcome<WireAnswer> outcome, TimeSpan timeLeft) => rule switch
    {
        Repetition.AfterPassingFaults => IsWorthRepeating(outcome, timeLeft),
        Repetition.WhenNeverReceived => ConnectionFault.IsBeforeSending(outcome.Exception),
        _ => false,
    };

    // A hint that ends after the call does is no reason to keep the caller waiting for the same answer.
    private static bool IsWorthRepeating(Outcome<WireAnswer> outcome, TimeSpan timeLeft) =>
        (outcome.Exception is { } fault && (fault is TimeoutException || ConnectionFault.IsOne(fault)))
        || (outcome.Result is { IsPassing: true } answer && !(RetryHint.Read(answer) >= timeLeft));

    // A hint is a lower bound. "Now" (0, or a date that is over) must not turn the repeats into a burst.
    private static TimeSpan WaitAtLeast(TimeSpan hint, int attempt, OpenRouterBillingOptions options)
    {
        var backoff = options.RetryDelay * (1 << attempt);
        return hint > backoff ? hint : Least(backoff, options.TotalTimeout);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
