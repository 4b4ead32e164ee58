using Microsoft.Extensions.Logging;

namespace OpenRouter.Billing.Telemetry;

/// <summary>What every part of a guard tells the time by, logs with and measures with.</summary>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Meter">The meter.</param>
internal sealed record GuardTelemetry(TimeProvider TimeProvider, ILogger Logger, GuardMeter Meter);
