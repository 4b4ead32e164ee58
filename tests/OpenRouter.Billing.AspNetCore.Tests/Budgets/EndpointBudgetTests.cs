using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.AspNetCore.Tests.TestKit;
using OpenRouter.Billing.Guard;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.AspNetCore.Tests.Budgets;

/// <summary>What an endpoint may spend, counted by the same ledger as everything else.</summary>
public sealed class EndpointBudgetTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budget_OfAMember_RefusesThatMemberAndNobodyElse()
    {
        await using var world = await World.StartAsync(app => app.MapGet("/chat", ChatAsync).RequireBillingBudget(0.06m));

        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/chat", "alice"));
        await world.SpendAsync(0.02m, "/chat", "alice");

        Assert.Equal(HttpStatusCode.PaymentRequired, await world.GetAsync("/chat", "alice"));
        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/chat", "bob"));
    }

    [Fact]
    public async Task Budget_OfOneEndpoint_LeavesTheOthersAlone()
    {
        await using var world = await World.StartAsync(app =>
        {
            app.MapGet("/dear", ChatAsync).RequireBillingBudget(0);
            app.MapGet("/cheap", ChatAsync).RequireBillingBudget(1m);
            app.MapGet("/free", ChatAsync);
        });

        Assert.Equal(HttpStatusCode.PaymentRequired, await world.GetAsync("/dear", "alice"));
        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/cheap", "alice"));
        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/free", "alice"));
    }

    [Fact]
    public async Task Budget_RequestsThatNameNobody_AreCountedTogetherInsteadOfNotAtAll()
    {
        await using var world = await World.StartAsync(app => app.MapGet("/chat", ChatAsync).RequireBillingBudget(0.06m));
        await world.SpendAsync(0.02m, "/chat", null);

        Assert.Equal(HttpStatusCode.PaymentRequired, await world.GetAsync("/chat", null));
        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/chat", "alice"));
    }

    [Fact]
    public async Task Budget_WithAName_IsSharedByItsEndpoints()
    {
        await using var world = await World.StartAsync(app =>
        {
            app.MapGet("/one", ChatAsync).RequireBillingBudget(0.06m, BudgetWindow.Monthly, Spender.App, "chats");
            app.MapGet("/two", ChatAsync).RequireBillingBudget(0.06m, BudgetWindow.Monthly, Spender.App, "chats");
        });
        await world.SpendAsync(0.02m, "/one", "alice");

        Assert.Equal(HttpStatusCode.PaymentRequired, await world.GetAsync("/two", "bob"));
    }

    [Fact]
    public async Task Budget_SpenderNamedLikeARestOfAnotherEndpoint_IsNotCountedThere()
    {
        await using var world = await World.StartAsync(app =>
        {
            app.MapGet("/one", ChatAsync).RequireBillingBudget(0.06m, name: "chats");
            app.MapGet("/two", ChatAsync).RequireBillingBudget(0.06m, name: "chats/x");
        });
        await world.SpendAsync(0.02m, "/one", "x/alice");

        Assert.Equal(HttpStatusCode.PaymentRequired, await world.GetAsync("/one", "x/alice"));
        Assert.Equal(HttpStatusCode.OK, await world.GetAsync("/two", "alice"));
    }

    [Fact]
    public async Task Budget_ManyAtOnce_IsNeverPassed()
    {
        await using var world = await World.StartAsync(app => app.MapGet("/chat", ChatAsync).RequireBillingBudget(0.21m));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => world.GetAsync("/hold", "alice")));

        Assert.Equal(4, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(8, statuses.Count(status => status == HttpStatusCode.PaymentRequired));
    }

    [Fact]
    public async Task Budget_NothingEnforcesIt_FailsInsteadOfSpendingUnlimited()
    {
        await using var app = await TestApp.StartAsync(_ => { }, app => app.MapGet("/chat", () => "hi").RequireBillingBudget(1m));

        using var response = await app.Http.GetAsync(new Uri("/chat", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("AddAspNetCore", app.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireBillingBudget_WrongNumbers_AreRefusedAtOnce()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BillingBudgetMetadata(-1m, BudgetWindow.Daily, Spender.Member, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BillingBudgetMetadata(1m, (BudgetWindow)99, Spender.Member, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BillingBudgetMetadata(1m, BudgetWindow.Daily, (Spender)99, null));
    }

    private static async Task ChatAsync(HttpContext context)
    {
        var guard = context.RequestServices.GetRequiredService<IBillingGuard>();
        var lease = await guard.ReserveAsync(new BillableRequest { Model = "openai/gpt-4o-mini" }, context.RequestAborted);
        if (context.Request.Query["spend"].ToString() is { Length: > 0 } cost)
        {
            await lease.SettleAsync(decimal.Parse(cost, System.Globalization.CultureInfo.InvariantCulture), context.RequestAborted);
        }
        else if (context.Request.Query["hold"].Count == 0)
        {
            await lease.ReleaseAsync(context.RequestAborted);
        }
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly OpenRouterSandbox _sandbox;
        private readonly TestApp _app;

        private World(OpenRouterSandbox sandbox, TestApp app) => (_sandbox, _app) = (sandbox, app);

        public static async Task<World> StartAsync(Action<WebApplication> map)
        {
            var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
            var app = await TestApp.StartAsync(
                services =>
                {
                    TestApp.AddTestUsers(services);
                    services.AddAuthorization();
                    services.AddOpenRouterBilling(options =>
                    {
                        (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress);
                        options.Guard.Pricing = PricingMode.Flat;
                    }).AddAspNetCore();
                },
                app =>
                {
                    app.UseExceptionHandler();
                    app.UseAuthentication();
                    app.UseOpenRouterBillingScope();
                    map(app);
                });
            return new World(sandbox, app);
        }

        public Task<HttpStatusCode> GetAsync(string path, string? user) => SendAsync(path == "/hold" ? "/chat?hold=1" : path, user);

        public async Task SpendAsync(decimal usd, string path, string? user) =>
            Assert.Equal(HttpStatusCode.OK, await SendAsync($"{path}?spend={usd.ToString(System.Globalization.CultureInfo.InvariantCulture)}", user));

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            await _sandbox.DisposeAsync();
        }

        private async Task<HttpStatusCode> SendAsync(string path, string? user)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            if (user is not null)
            {
                request.Headers.Add("X-User", user);
            }

            using var response = await _app.Http.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }
}
