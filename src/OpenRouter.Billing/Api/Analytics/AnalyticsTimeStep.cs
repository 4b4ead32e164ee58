namespace OpenRouter.Billing;

/// <summary>A step that queries may divide time into.</summary>
/// <param name="Granularity">The step; read from <c>name</c>.</param>
/// <param name="Label">The name for people; <see langword="null"/> when the server did not say. Read from <c>display_label</c>.</param>
/// <remarks>An entry of <c>granularities</c> of <c>GET /analytics/meta</c>.</remarks>
public sealed record AnalyticsTimeStep(AnalyticsGranularity Granularity, string? Label);
