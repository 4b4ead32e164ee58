namespace OpenRouter.Billing.Foresight;

/// <summary>What was spent on one day.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Cost">What was spent, in US dollars; not negative.</param>
public sealed record DailySpend(DateOnly Day, decimal Cost);
