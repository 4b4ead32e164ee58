using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Guard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Gives endpoints budgets.</summary>
public static class BillingBudgetEndpointConventionBuilderExtensions
{
    /// <summary>Limits what the endpoint may spend. An endpoint may have several budgets, and a group's counts for each of its endpoints by itself.</summary>
    /// <typeparam name="TBuilder">An endpoint, or a group of them.</typeparam>
    /// <param name="builder">The endpoint.</param>
    /// <param name="limit">How much may be spent in one window, in US dollars; 0 refuses everything that costs.</param>
    /// <param name="window">When it starts again; at 00:00 UTC by default.</param>
    /// <param name="per">Whose requests are counted together; each member's by default. Requests that name nobody such are counted together.</param>
    /// <param name="name">What tells the budget from others, so that endpoints can share one; <see langword="null"/> for the endpoint's own name.</param>
    /// <returns>The same builder, so that calls keep chaining.</returns>
    /// <remarks>Needs <c>AddAspNetCore</c> on the account; without it building the endpoint fails, instead of spending unlimited.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, or the window or the spender is unknown.</exception>
    public static TBuilder RequireBillingBudget<TBuilder>(this TBuilder builder, decimal limit, BudgetWindow window = BudgetWindow.Daily, Spender per = Spender.Member, string? name = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var budget = new BillingBudgetMetadata(limit, window, per, name);
        builder.Add(endpoint =>
        {
            if (endpoint.ApplicationServices.GetService<AspNetCoreAccount>() is null)
            {
                throw new InvalidOperationException("An endpoint has RequireBillingBudget, and nothing enforces it: call AddAspNetCore on what AddOpenRouterBilling returns.");
            }

            endpoint.Metadata.Add(budget);
        });
        return builder;
    }
}
