using OpenRouter.Billing.Telemetry;

namespace OpenRouter.Billing;

/// <summary>The names by which an app's telemetry finds this library's. They do not change.</summary>
public static class OpenRouterBillingTelemetry
{
    /// <summary>The name of the meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = GuardMeter.Name;

    /// <summary>The name of the activity source, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = GuardMeter.Name;
}
