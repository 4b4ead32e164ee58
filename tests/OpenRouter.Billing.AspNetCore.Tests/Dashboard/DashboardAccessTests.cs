using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.AspNetCore.Tests.TestKit;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.AspNetCore.Tests.Dashboard;

/// <summary>Who is let in: on every address, with every verb, and only where somebody decided it.</summary>
public sealed class DashboardAccessTests
{
    private static readonly string[] Paths = ["/billing", "/billing/", "/billing/report.json", "/billing/dashboard.css", "/billing/dashboard.js", "/billing/icon.svg", "/billing/no-such-file", "/billing/a/b/../c"];
    private static readonly string[] Verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnyAddress_WithAnyVerb_IsClosedToWhoeverIsNotSignedIn()
    {
        await using var world = await World.StartAsync(options => options.AuthorizationPolicy = "admin");

        foreach (var (path, verb) in Paths.SelectMany(path => Verbs.Select(verb => (path, verb))))
        {
            var (status, body) = await world.SendAsync(verb, path, user: null);
            Assert.True(status == HttpStatusCode.Unauthorized && body.Length == 0, $"{verb} {path}: {status}");
        }
    }

    [Fact]
    public async Task AnyAddress_WithAnyVerb_IsClosedToWhoeverThePolicyKeepsOut()
    {
        await using var world = await World.StartAsync(options => options.AuthorizationPolicy = "admin");

        foreach (var (path, verb) in Paths.SelectMany(path => Verbs.Select(verb => (path, verb))))
        {
            var (status, body) = await world.SendAsync(verb, path, user: "alice");
            Assert.True(status == HttpStatusCode.Forbidden && body.Length == 0, $"{verb} {path}: {status}");
        }
    }

    [Fact]
    public async Task AnyAddress_ForWhoeverIsLetIn_CanOnlyBeRead()
    {
        await using var world = await World.StartAsync(options => options.AuthorizationPolicy = "admin");

        foreach (var path in Paths)
        {
            foreach (var verb in Verbs)
            {
                var (status, _) = await world.SendAsync(verb, path, user: "admin");
                var expected = verb is not ("GET" or "HEAD") ? HttpStatusCode.MethodNotAllowed
                    : path.Contains("no-such", StringComparison.Ordinal) || path.Contains("/a/", StringComparison.Ordinal) ? HttpStatusCode.NotFound
                    : HttpStatusCode.OK;
                Assert.True(status == expected, $"{verb} {path}: {status}");
            }
        }
    }

    [Fact]
    public async Task Page_Always_ForbidsScriptsInItAndKeepingAndEmbedding()
    {
        await using var world = await World.StartAsync(options => options.AllowAnonymous = true);

        using var response = await world.App.Http.GetAsync(new Uri("/billing", UriKind.Relative), Cancellation);
        var page = await response.Content.ReadAsStringAsync(Cancellation);
        var policy = string.Join(' ', response.Headers.GetValues("Content-Security-Policy"));

        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(("DENY", "nosniff", "no-referrer"), (response.Headers.GetValues("X-Frame-Options").Single(), response.Headers.GetValues("X-Content-Type-Options").Single(), response.Headers.GetValues("Referrer-Policy").Single()));
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" on", System.Text.RegularExpressions.Regex.Match(page, "<script[^>]*>").Value, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_AskedForAgain_IsNotSentAgain()
    {
        await using var world = await World.StartAsync(options => options.AllowAnonymous = true);
        using var first = await world.App.Http.GetAsync(new Uri("/billing/dashboard.css", UriKind.Relative), Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/billing/dashboard.css");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await world.App.Http.SendAsync(request, Cancellation);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
    }

    [Theory]
    [InlineData("Production", null, false, "AuthorizationPolicy")]
    [InlineData("Production", "admin", false, null)]
    [InlineData("Production", null, true, null)]
    [InlineData("Development", null, false, null)]
    [InlineData("Staging", null, false, null)]
    public async Task Start_InProductionWithoutADecision_Fails(string environment, string? policy, bool anonymous, string? says)
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var world = await World.StartAsync(options => (options.AuthorizationPolicy, options.AllowAnonymous) = (policy, anonymous), environment);
        });

        Assert.Equal(says is null, failure is null);
        Assert.Contains(says ?? string.Empty, failure?.Message ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NoPolicyOutsideOfProduction_IsForWhoeverIsSignedIn()
    {
        await using var world = await World.StartAsync(_ => { });

        Assert.Equal(HttpStatusCode.Unauthorized, (await world.SendAsync("GET", "/billing", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await world.SendAsync("GET", "/billing", "alice")).Status);
    }

    [Fact]
    public async Task Start_WithoutWhatItNeeds_SaysWhatToCall()
    {
        var noAccount = await Assert.ThrowsAsync<InvalidOperationException>(() => TestApp.StartAsync(services => services.AddAuthorization(), app => app.MapOpenRouterBilling()));
        var noAuthorization = await Assert.ThrowsAsync<InvalidOperationException>(() => TestApp.StartAsync(services => services.AddOpenRouterBilling(options => options.ApiKey = "sk-or-v1-" + new string('5', 64)).AddAspNetCore(), app => app.MapOpenRouterBilling()));

        Assert.Contains("AddAspNetCore", noAccount.Message, StringComparison.Ordinal);
        Assert.Contains("AddAuthorization", noAuthorization.Message, StringComparison.Ordinal);
    }

    private sealed class World(OpenRouterSandbox sandbox, TestApp app) : IAsyncDisposable
    {
        public TestApp App => app;

        public static async Task<World> StartAsync(Action<BillingDashboardOptions> dashboard, string environment = "Development")
        {
            var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: Cancellation);
            try
            {
                var app = await TestApp.StartAsync(
                    services =>
                    {
                        TestApp.AddTestUsers(services);
                        services.AddAuthorizationBuilder().AddPolicy("admin", policy => policy.RequireClaim("tenant", "tenant-of-admin"));
                        services.AddOpenRouterBilling(options => (options.ApiKey, options.ManagementKey, options.BaseAddress) = (sandbox.ApiKey, sandbox.ManagementKey, sandbox.BaseAddress)).AddAspNetCore();
                    },
                    app =>
                    {
                        app.UseAuthentication();
                        app.UseAuthorization();
                        app.MapOpenRouterBilling("/billing", dashboard);
                    },
                    environment);
                return new World(sandbox, app);
            }
            catch
            {
                await sandbox.DisposeAsync();
                throw;
            }
        }

        public async Task<(HttpStatusCode Status, string Body)> SendAsync(string verb, string path, string? user)
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(path, UriKind.Relative));
            if (user is not null)
            {
                request.Headers.Add("X-User", user);
            }

            using var response = await app.Http.SendAsync(request, Cancellation);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            await sandbox.DisposeAsync();
        }
    }
}
