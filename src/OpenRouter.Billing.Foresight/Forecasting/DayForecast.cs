namespace OpenRouter.Billing.Foresight;

/// <summary>What is expected of one day to come.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Expected">What is expected to be spent, in US dollars.</param>
/// <param name="Low">What is hardly undercut, in US dollars.</param>
/// <param name="High">What is hardly passed, in US dollars.</param>
public sealed record DayForecast(DateOnly Day, decimal Expected, decimal Low, decimal High);
