namespace OpenRouter.Billing.AspNetCore;

/// <summary>Notes that an account is at home in ASP.NET Core, so that a second call changes nothing.</summary>
internal sealed record DashboardAccount(string Name);
