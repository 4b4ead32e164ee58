using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenRouter.Billing.AspNetCore.Tests.TestKit;
using OpenRouter.Billing.Guard;

namespace OpenRouter.Billing.AspNetCore.Tests.Scopes;

/// <summary>On whose behalf a request is made, as it says itself, and what it may not say.</summary>
public sealed class BillingScopeMiddlewareTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scope_FromUserClaimHeaderAndRoute_IsWhatTheEndpointRunsIn()
    {
        await using var app = await StartAsync(options =>
        {
            options.Project = BillingScopeSource.Route("project");
            options.Workspace = BillingScopeSource.Claim("tenant");
        });

        Assert.Equal("search|alice|tenant-of-alice", await GetAsync(app, "/search/who", user: "alice"));
        Assert.Equal("search||", await GetAsync(app, "/search/who"));
    }

    [Fact]
    public async Task Scope_AfterTheRequest_IsOver()
    {
        await using var app = await StartAsync(_ => { });

        await GetAsync(app, "/search/who", user: "alice");

        Assert.Equal("||", await GetAsync(app, "/search/who"));
    }

    [Fact]
    public async Task Source_NamesNobody_FallsBackAsToldAndIsCountedTogether()
    {
        await using var app = await StartAsync(options => options.Member = BillingScopeSource.Header("X-Member").Or(BillingScopeSource.User).Or("anonymous"));

        Assert.Equal("|gateway-user|", await GetAsync(app, "/search/who", "alice", ("X-Member", "gateway-user")));
        Assert.Equal("|alice|", await GetAsync(app, "/search/who", "alice"));
        Assert.Equal("|anonymous|", await GetAsync(app, "/search/who"));
    }

    [Theory]
    [InlineData(128, HttpStatusCode.OK)]
    [InlineData(129, HttpStatusCode.BadRequest)]
    public async Task Name_LongerThanAllowed_IsRefused(int length, HttpStatusCode status)
    {
        await using var app = await StartAsync(options => options.Member = BillingScopeSource.Header("X-Member"));

        Assert.Equal(status, await StatusAsync(app, "/search/who", ("X-Member", new string('a', length))));
    }

    [Theory]
    [InlineData("/%0Aevil/who")]
    [InlineData("/%E2%80%AEevil/who")]
    [InlineData("/%E2%80%A8evil/who")]
    [InlineData("/%20/who")]
    public async Task Name_ThatWouldChangeTheTextAroundIt_IsRefused(string path)
    {
        await using var app = await StartAsync(options => options.Project = BillingScopeSource.Route("project"));

        using var response = await app.Http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("evil", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_SentTwice_IsRefusedInsteadOfChosenFrom()
    {
        await using var app = await StartAsync(options => options.Member = BillingScopeSource.Header("X-Member"));

        var answer = await RawAsync(app, "GET /search/who HTTP/1.1\r\nHost: x\r\nX-Member: alice\r\nX-Member: bob\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_WithMarkup_StaysTextAndIsNoHeaderOfTheAnswer()
    {
        await using var app = await StartAsync(options => options.Member = BillingScopeSource.Header("X-Member"));

        Assert.Equal("|<script>x</script>'; drop|", await GetAsync(app, "/search/who", null, ("X-Member", "<script>x</script>'; drop")));
        Assert.StartsWith("HTTP/1.1 400", await RawAsync(app, "GET /search/who HTTP/1.1\r\nHost: x\r\nX-Member: a\0b\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void MaxNameLength_NotPositive_FailsAtStart() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApplicationBuilder(new ServiceCollection().BuildServiceProvider()).UseOpenRouterBillingScope(options => options.MaxNameLength = 0));

    private static Task<TestApp> StartAsync(Action<BillingScopeOptions> configure) => TestApp.StartAsync(
        services =>
        {
            TestApp.AddTestUsers(services);
            services.AddAuthorization();
        },
        app =>
        {
            app.UseAuthentication();
            app.UseOpenRouterBillingScope(configure);
            app.MapGet("/{project}/who", () => $"{(BillingScope.Current.Project, BillingScope.Current.Member, BillingScope.Current.Workspace) switch { var (project, member, workspace) => $"{project}|{member}|{workspace}" }}");
        });

    private static async Task<string> GetAsync(TestApp app, string path, string? user = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(path, user, headers);
        using var response = await app.Http.SendAsync(request, Cancellation);
        return await response.Content.ReadAsStringAsync(Cancellation);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestApp app, string path, params (string Name, string Value)[] headers)
    {
        using var request = Request(path, null, headers);
        using var response = await app.Http.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private static HttpRequestMessage Request(string path, string? user, (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static async Task<string> RawAsync(TestApp app, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", app.Http.BaseAddress!.Port, Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancellation);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(Cancellation);
    }
}
