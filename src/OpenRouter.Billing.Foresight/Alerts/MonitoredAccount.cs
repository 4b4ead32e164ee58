namespace OpenRouter.Billing.Foresight;

/// <summary>Notes that an account is looked at, so that a second registration changes nothing but options.</summary>
internal sealed record MonitoredAccount(string Name);
