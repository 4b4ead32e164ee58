namespace OpenRouter.Billing;

/// <summary>A range of time; any offset will do, it is sent in UTC.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends, after <paramref name="Start"/>.</param>
public readonly record struct AnalyticsTimeRange(DateTimeOffset Start, DateTimeOffset End);
