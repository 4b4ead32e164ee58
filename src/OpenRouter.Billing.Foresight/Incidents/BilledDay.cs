namespace OpenRouter.Billing.Foresight;

/// <summary>A row of the account's activity, as far as a ticket asks for it.</summary>
/// <param name="Day">The completed UTC day.</param>
/// <param name="Model">The model; null when the server did not say.</param>
/// <param name="Provider">The provider; null when the server did not say.</param>
/// <param name="Requests">Requests; null when the server did not say.</param>
/// <param name="Cost">What was charged, in US dollars; null when the server did not say.</param>
/// <param name="IsBilledFree">Whether a free model was billed; an add-on such as a web search explains some.</param>
public sealed record BilledDay(DateOnly Day, string? Model, string? Provider, long? Requests, decimal? Cost, bool IsBilledFree);
