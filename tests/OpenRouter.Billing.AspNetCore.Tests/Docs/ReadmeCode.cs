using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace OpenRouter.Billing.AspNetCore.Tests.Docs;

/// <summary>The code of the READMEs that is about ASP.NET Core, compiled.</summary>
public static class ReadmeCode
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddOpenRouterBilling(builder.Configuration.GetSection("OpenRouter")).AddAspNetCore();
        builder.Services.AddHealthChecks().AddOpenRouterBalance(degradedBelow: 5m).AddOpenRouterKey().AddOpenRouterLedger();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseOpenRouterBillingScope(options => options.Project = BillingScopeSource.Route("project"));
        app.MapPost("/{project}/chat", ChatAsync).RequireAuthorization().RequireBillingBudget(2m); // US dollars a day and user
        app.MapOpenRouterBilling("/billing", options => options.AuthorizationPolicy = "billing-admin");
        app.MapHealthChecks("/health");
        return app;
    }

    private static Task ChatAsync(HttpContext context) => context.Response.WriteAsync("hello");
}
