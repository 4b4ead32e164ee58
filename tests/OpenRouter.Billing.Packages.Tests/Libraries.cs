using System.Reflection;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Extensions.AI;
using OpenRouter.Billing.Foresight;
using OpenRouter.Billing.Sandbox;
using OpenRouter.Billing.Sql;

namespace OpenRouter.Billing.Packages.Tests;

/// <summary>The libraries of all packages.</summary>
internal static class Libraries
{
    public static IReadOnlyList<Assembly> All { get; } =
    [
        typeof(OpenRouterBillingClient).Assembly,
        typeof(BillingScopeSource).Assembly,
        typeof(BillingGuardChatClient).Assembly,
        typeof(Forecast).Assembly,
        typeof(OpenRouterSandbox).Assembly,
        typeof(SqlBillingLedger).Assembly,
    ];

    public static Assembly Named(string name) => All.Single(library => library.GetName().Name == name);
}
