using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using OpenRouter.Billing.AspNetCore;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace ChatGateway;

/// <summary>The running gateway.</summary>
public sealed class Gateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource? _time;

    private Gateway(WebApplication app, OpenRouterSandbox? sandbox, string password, TimeSpan? runFor)
    {
        (_app, Sandbox, Password) = (app, sandbox, password);
        _time = runFor is { } time ? new CancellationTokenSource(time) : null;
    }

    public Uri Address => new(_app.Urls.First() + "/");

    /// <summary>Gets the sandbox; null when the gateway spends real money.</summary>
    public OpenRouterSandbox? Sandbox { get; }

    /// <summary>Gets what alice, bob and admin sign in with.</summary>
    public string Password { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="options">What to do.</param>
    /// <param name="configure">Changes the services, for tests.</param>
    /// <param name="configureSandbox">Changes the sandbox, for tests.</param>
    public static async Task<Gateway> StartAsync(GatewayOptions options, Action<WebApplicationBuilder>? configure = null, Action<OpenRouterSandboxOptions>? configureSandbox = null)
    {
        var sandbox = options.ApiKey is null ? await OpenRouterSandbox.StartAsync(configureSandbox) : null;
        sandbox?.Account.SeedHistory(dailyUsd: 0.4m);
        try
        {
            var account = sandbox is null ? options : options with { ApiKey = sandbox.ApiKey, ManagementKey = sandbox.ManagementKey, BaseAddress = sandbox.BaseAddress };
            var password = RandomNumberGenerator.GetHexString(16, lowercase: true);
            var app = Build(account, password, configure);
            await app.StartAsync();
            return new Gateway(app, sandbox, password, options.For);
        }
        catch
        {
            if (sandbox is not null)
            {
                await sandbox.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Waits for Ctrl+C, or until the time is over.</summary>
    public async Task WaitForShutdownAsync()
    {
        using var registration = _time?.Token.Register(_app.Lifetime.StopApplication);
        await _app.WaitForShutdownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _time?.Dispose();
        if (Sandbox is not null)
        {
            await Sandbox.DisposeAsync();
        }
    }

    private static WebApplication Build(GatewayOptions options, string password, Action<WebApplicationBuilder>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ChatProxy.MaxRequestBytes;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        AddServices(builder.Services, options, password);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseAuthentication();
        app.UseAuthorization();
        if (options.WithoutBilling)
        {
            app.MapPost("/chat/{project?}", ChatProxy.SendAsync).RequireAuthorization();
            return app;
        }

        app.UseOpenRouterBillingScope(scope => scope.Project = BillingScopeSource.Route("project"));
        app.MapPost("/chat/{project?}", ChatProxy.SendAsync).RequireAuthorization().RequireBillingBudget(options.DailyBudget);
        app.MapOpenRouterBilling("/billing", dashboard => dashboard.AuthorizationPolicy = "billing-admin");
        app.MapHealthChecks("/health");
        return app;
    }

    private static void AddServices(IServiceCollection services, GatewayOptions options, string password)
    {
        services.AddProblemDetails();
        services.AddAuthentication("Basic").AddScheme<BasicOptions, BasicAuthentication>("Basic", basic => basic.Password = password);
        services.AddAuthorizationBuilder().AddPolicy("billing-admin", policy => policy.RequireUserName("admin"));
        var openRouter = services.AddHttpClient(ChatProxy.ClientName, http =>
        {
            http.BaseAddress = options.BaseAddress;
            http.DefaultRequestHeaders.Authorization = new("Bearer", options.ApiKey);
        });
        if (options.WithoutBilling)
        {
            return;
        }

        openRouter.AddOpenRouterBillingGuard();
        services.AddOpenRouterBilling(billing =>
        {
            billing.ApiKey = options.ApiKey;
            billing.ManagementKey = options.ManagementKey;
            billing.BaseAddress = options.BaseAddress;
            billing.Guard.Budgets.Add(new() { Per = Spender.App, Limit = 100m, Window = BudgetWindow.Monthly });
        }).AddAspNetCore();
        services.AddHealthChecks().AddOpenRouterBalance(degradedBelow: 1m).AddOpenRouterKey().AddOpenRouterLedger().AddOpenRouterReadings();
    }
}
