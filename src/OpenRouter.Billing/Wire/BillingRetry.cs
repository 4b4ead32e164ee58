using Polly;
using Polly.Retry;

namespace OpenRouter.Billing.Wire;

/// <summary>When a reading call is repeated, and after which wait.</summary>
internal static class BillingRetry
{
    public static readonly ResiliencePropertyKey<WireAnswer?> LastAnswer = new("OpenRouter.Billing.LastAnswer");

    public static readonly ResiliencePropertyKey<Exception?> LastFault = new("OpenRouter.Billing.LastFault");

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
            Delay = options.RetryDelay,
            MaxDelay = options.TotalTimeout,
            ShouldHandle = arguments => ValueTask.FromResult(IsWorthRepeating(arguments.Outcome, options.TotalTimeout, timeProvider)),
            // Null leaves the wait to the exponential rule. A hint is a lower bound, so it is taken as it is.
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { } answer ? RetryHint.Read(answer, timeProvider) : null),
        };
        return new ResiliencePipelineBuilder<WireAnswer> { TimeProvider = timeProvider }.AddRetry(retry).Build();
    }

    private static bool IsWorthRepeating(Outcome<WireAnswer> outcome, TimeSpan longestWait, TimeProvider timeProvider) =>
        outcome.Exception is HttpRequestException or IOException or TimeoutException
        || (outcome.Result is { IsPassing: true } answer && !(RetryHint.Read(answer, timeProvider) >= longestWait));
}
