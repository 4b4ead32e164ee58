using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenRouter.Billing.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds the dashboard.</summary>
public static class BillingDashboardEndpointRouteBuilderExtensions
{
    /// <summary>Adds a page that shows where the money goes, and below it <c>report.json</c> with the same figures. They can only be read.</summary>
    /// <param name="endpoints">The app's endpoints.</param>
    /// <param name="pattern">The page's address, such as <c>/billing</c>.</param>
    /// <param name="configure">Says who may see it; <see langword="null"/> for whoever is signed in, outside of production.</param>
    /// <returns>All endpoints of the dashboard, for further conventions.</returns>
    /// <exception cref="InvalidOperationException">
    /// In production nothing says who may look; or the app has no authorization services; or the account is not registered with
    /// <c>AddAspNetCore</c>. So the app does not start.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="BillingDashboardOptions.RefreshEvery"/> is below 1 second.</exception>
    public static IEndpointConventionBuilder MapOpenRouterBilling(this IEndpointRouteBuilder endpoints, string pattern = "/billing", Action<BillingDashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
        var options = new BillingDashboardOptions();
        configure?.Invoke(options);
        Check(endpoints.ServiceProvider, options);
        var dashboard = new DashboardEndpoints(endpoints.ServiceProvider.GetRequiredKeyedService<BillingReports>(options.Account), options.RefreshEvery);
        var group = endpoints.MapGroup(pattern);
        group.Map("", dashboard.PageAsync).WithDisplayName("OpenRouter.Billing page");
        group.Map("report.json", dashboard.ReportAsync).WithDisplayName("OpenRouter.Billing report");
        // Whatever else lies below is not there, and nobody learns even that without being let in.
        group.Map("{**file}", DashboardEndpoints.FileAsync).WithDisplayName("OpenRouter.Billing file");
        if (options.AllowAnonymous)
        {
            return group;
        }

        return options.AuthorizationPolicy is { } policy ? group.RequireAuthorization(policy) : group.RequireAuthorization();
    }

    private static void Check(IServiceProvider services, BillingDashboardOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RefreshEvery, TimeSpan.FromSeconds(1), nameof(options.RefreshEvery));
        if (services.GetKeyedService<BillingReports>(options.Account) is null)
        {
            throw new InvalidOperationException($"The account '{options.Account}' has no dashboard: call AddAspNetCore on what AddOpenRouterBilling returns for it.");
        }

        if (options.AllowAnonymous)
        {
            return;
        }

        if (options.AuthorizationPolicy is null && services.GetService<IWebHostEnvironment>()?.IsProduction() != false)
        {
            throw new InvalidOperationException("Nothing says who may see the billing dashboard in production: set AuthorizationPolicy, or AllowAnonymous if something else protects it.");
        }

        if (services.GetService<IAuthorizationService>() is null)
        {
            throw new InvalidOperationException("The billing dashboard needs authorization: call AddAuthorization on the services, or set AllowAnonymous if something else protects it.");
        }
    }
}
