namespace OpenRouter.Billing;

/// <summary>The part of activity that has something in common.</summary>
/// <typeparam name="TKey">What that is: a name, or a day.</typeparam>
/// <param name="Key">What the rows have in common, such as the model's slug; <see langword="null"/> for rows that did not say.</param>
/// <param name="Totals">The rows added up.</param>
public sealed record ActivityGroup<TKey>(TKey Key, ActivityTotals Totals);
