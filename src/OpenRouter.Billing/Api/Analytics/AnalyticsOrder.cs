namespace OpenRouter.Billing;

/// <summary>By what rows are put in order.</summary>
/// <param name="Field">A metric or dimension of the query, or <c>request_count</c> or <c>date</c>.</param>
/// <param name="IsDescending">Whether the largest come first.</param>
public sealed record AnalyticsOrder(string Field, bool IsDescending = false);
