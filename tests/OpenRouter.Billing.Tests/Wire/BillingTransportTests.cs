using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenRouter.Billing.Sandbox;

namespace OpenRouter.Billing.Tests.Wire;

/// <summary>Billing calls over real sockets to servers that are not there, not themselves or not done.</summary>
public sealed class BillingTransportTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task GetAsync_HostThatDoesNotResolve_IsAConnectionErrorInTime()
    {
        var exception = await FailAsync<OpenRouterConnectionException>(new Uri("https://no-such-host.invalid/api/v1/"));
        Assert.Contains("no-such-host.invalid", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_NobodyListens_IsAConnectionErrorInTime()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var exception = await FailAsync<OpenRouterConnectionException>(new Uri($"http://127.0.0.1:{port}/"));
        Assert.False(exception.IsTimeout);
        Assert.Contains("ConnectionError", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n")]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task GetAsync_BrokenExchange_IsAConnectionErrorInTime(string answer)
    {
        await using var server = new LoopbackServer(answer);
        var exception = await FailAsync<OpenRouterConnectionException>(server.Address);
        Assert.False(exception.IsTimeout);
    }

    [Fact]
    public async Task GetAsync_CorruptCompression_IsAConnectionErrorInTime()
    {
        await using var server = new LoopbackServer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!");
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All });
        await FailAsync<OpenRouterConnectionException>(server.Address, http: http);
    }

    [Fact]
    public async Task GetAsync_PlainServerSpokenToWithTls_IsAConnectionErrorInTime()
    {
        await using var server = new LoopbackServer("HTTP/1.1 400 Bad Request\r\n\r\n");
        await FailAsync<OpenRouterConnectionException>(new UriBuilder(server.Address) { Scheme = "https" }.Uri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 1000\r\n\r\n{")]
    public async Task GetAsync_ServerFallsSilent_IsATimeoutInTime(string answer)
    {
        await using var server = new LoopbackServer(answer, closes: false);
        var exception = await FailAsync<OpenRouterConnectionException>(server.Address, options => options.AttemptTimeout = options.TotalTimeout = TimeSpan.FromMilliseconds(300));
        Assert.True(exception.IsTimeout);
    }

    [Fact]
    public async Task GetAsync_ServerFallsSilentEveryTime_RetriesEndWithTheTotalTime()
    {
        await using var server = new LoopbackServer(string.Empty, closes: false);
        var exception = await FailAsync<OpenRouterConnectionException>(server.Address, options =>
        {
            options.MaxRetries = 10;
            options.RetryDelay = TimeSpan.FromMilliseconds(1);
            options.AttemptTimeout = TimeSpan.FromMilliseconds(150);
            options.TotalTimeout = TimeSpan.FromMilliseconds(400);
        });
        Assert.True(exception.IsTimeout);
        Assert.Contains("00:00:00.4", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, SandboxFault> Faults => new()
    {
        { "garbage", SandboxFault.Answer(200, "{\"data\":{\"limit\":]") },
        { "web page", SandboxFault.Answer(200, "<html>maintenance</html>", "text/html") },
        { "huge", SandboxFault.Answer(200, new string('x', 10 * 1024 * 1024)) },
        { "huge error", SandboxFault.Answer(500, "{\"error\":\"" + new string('x', 10 * 1024 * 1024) + "\"}") },
        { "empty", SandboxFault.Answer(200, string.Empty) },
        { "no content", SandboxFault.Answer(204, string.Empty) },
        { "error in 200", SandboxFault.ErrorInBody(502, "Provider returned error") },
        { "refused", SandboxFault.Answer(429, "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}") },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task GetAsync_SandboxAnswersBadly_IsATypedErrorInTime(string what, SandboxFault fault)
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        sandbox.Faults.Add("GET /key", fault);
        var exception = await FailAsync<OpenRouterApiException>(sandbox.BaseAddress, options => options.ApiKey = sandbox.ApiKey);
        Assert.True(exception.Message.Length is > 20 and < 500, what);
    }

    [Fact]
    public async Task GetAsync_SandboxDisconnectsOnce_IsRepeatedAndReads()
    {
        await using var sandbox = await OpenRouterSandbox.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        sandbox.Faults.Add("GET /key", SandboxFault.Disconnect(), times: 1);
        var options = new OpenRouterBillingOptions { ApiKey = sandbox.ApiKey, BaseAddress = sandbox.BaseAddress, RetryDelay = TimeSpan.FromMilliseconds(1) };
        using var http = new HttpClient();
        var status = await new OpenRouterBillingClient(http, options).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.False(status.IsManagementKey);
    }

    [Fact]
    public async Task GetAsync_HttpClientsOwnTimeout_IsATimeoutToo()
    {
        await using var server = new LoopbackServer(string.Empty, closes: false);
        using var http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(200) };
        var exception = await FailAsync<OpenRouterConnectionException>(server.Address, http: http);
        Assert.True(exception.IsTimeout);
    }

    [Theory]
    [InlineData("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1/key")]
    [InlineData("https://openrouter.ai/api/v1/", "https://openrouter.ai/api/v1/key")]
    [InlineData("https://eu.openrouter.ai/api/v1/", "https://eu.openrouter.ai/api/v1/key")]
    [InlineData("https://proxy.example/a%20b/or", "https://proxy.example/a%20b/or/key")]
    [InlineData("http://localhost:5000", "http://localhost:5000/key")]
    [InlineData("http://[::1]:5000/x", "http://[::1]:5000/x/key")]
    public async Task GetAsync_AnyBaseAddress_AppendsThePathBelowItsLastSlash(string address, string expected)
    {
        HttpRequestMessage? sent = null;
        var handler = new CapturingHandler(request => sent = request);
        await BillingClientKit.Over(handler, options => options.BaseAddress = new Uri(address)).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal(expected, sent!.RequestUri!.AbsoluteUri);
        Assert.Equal("Bearer " + TestData.ApiKey, sent.Headers.Authorization!.ToString());
        Assert.Equal("application/json", sent.Headers.Accept.ToString());
        Assert.Equal(HttpMethod.Get, sent.Method);
    }

    [Fact]
    public async Task GetAsync_CallersClientHasAddressAndHeaders_LeavesThemAlone()
    {
        HttpRequestMessage? sent = null;
        using var http = new HttpClient(new CapturingHandler(request => sent = request)) { BaseAddress = new Uri("https://elsewhere.example/") };
        http.DefaultRequestHeaders.Add("X-App", "mine");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "not-this-one");
        await new OpenRouterBillingClient(http, TestData.Options()).Keys.GetCurrentAsync(TestContext.Current.CancellationToken);
        Assert.Equal("openrouter.ai", sent!.RequestUri!.Host);
        Assert.Equal(TestData.ApiKey, sent.Headers.Authorization!.Parameter);
        Assert.Equal("not-this-one", http.DefaultRequestHeaders.Authorization.Parameter);
        Assert.Equal("mine", sent.Headers.GetValues("X-App").Single());
    }

    private static async Task<TException> FailAsync<TException>(Uri address, Action<OpenRouterBillingOptions>? configure = null, HttpClient? http = null)
        where TException : OpenRouterBillingException
    {
        var options = new OpenRouterBillingOptions { ApiKey = TestData.ApiKey, BaseAddress = address, AttemptTimeout = Bound, TotalTimeout = Bound, MaxRetries = 0 };
        configure?.Invoke(options);
        using var own = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var client = new OpenRouterBillingClient(http ?? own, options);
        var watch = Stopwatch.StartNew();
        var exception = await Assert.ThrowsAsync<TException>(() => client.Keys.GetCurrentAsync(TestContext.Current.CancellationToken));
        // The machine may be busy, so the bound itself is tested on a clock that stands still; here, that it is one at all.
        Assert.True(watch.Elapsed < options.TotalTimeout + TimeSpan.FromSeconds(5), $"It took {watch.Elapsed}.");
        Assert.StartsWith("GET /key ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TestData.ApiKey, exception.ToString(), StringComparison.Ordinal);
        return exception;
    }

    private sealed class CapturingHandler(Action<HttpRequestMessage> capture) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            capture(request);
            return Task.FromResult(StubHandler.Json(TestData.KeyBody));
        }
    }
}
