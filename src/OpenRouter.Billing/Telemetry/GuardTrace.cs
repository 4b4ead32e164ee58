using System.Diagnostics;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.Telemetry;

/// <summary>The span of one decision: a request waits in it for figures, for the free minute, or for the ledger.</summary>
internal static class GuardTrace
{
    // Slugs are short; what a request names instead is not shown at any length.
    private const int LongestModel = 120;

    private static readonly ActivitySource Source = new(GuardMeter.Name);

    /// <summary>Starts the span; null when nobody listens.</summary>
    public static Activity? Start(BillableRequest request)
    {
        if (Source.StartActivity("billing_guard.reserve") is not { } span)
        {
            return null;
        }

        span.SetTag("gen_ai.provider.name", "openrouter");
        span.SetTag("gen_ai.request.model", request.Model is { Length: > LongestModel } model ? model[..LongestModel] : request.Model);
        return span;
    }

    public static void Admitted(this Activity span, decimal claimed, bool isUnchecked)
    {
        span.SetTag("openrouter.billing.outcome", isUnchecked ? "unchecked" : "admitted");
        span.SetTag("openrouter.billing.claimed_usd", (double)claimed);
    }

    public static void Refused(this Activity span, BillingVerdict verdict, bool isObserved)
    {
        span.SetTag("openrouter.billing.outcome", isObserved ? "observed" : "refused");
        span.SetTag("openrouter.billing.origin", verdict.Origin.ToString());
        span.SetTag("error.type", verdict.Cause.ToString());
        if (!isObserved)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
